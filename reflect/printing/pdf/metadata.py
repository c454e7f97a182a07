"""Write the XMP metadata of a PDF, by which programs list, read aloud or archive it."""

from markupsafe import escape

from reflect.printing.render_request import Usage

_PDFUA_NAMESPACE = "http://www.aiim.org/pdfua/ns/id/"
_XMP_TEMPLATE = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:pdfuaid="{pdfua_namespace}"
 xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<pdf:Producer>{producer}</pdf:Producer>
<pdfuaid:part>1</pdfuaid:part>{archive}
</rdf:Description>{schema}
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
_PDFA_PROPERTIES = "\n<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>"
# PDF/A asks for a description of every property that it does not define: here that of PDF/UA.
_PDFUA_SCHEMA = f"""
<rdf:Description rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>{_PDFUA_NAMESPACE}</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the file is made after</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""


def xmp_packet(*, title: str, author: str, language: str, producer: str, usage: Usage) -> bytes:
    """Return the XMP packet as UTF-8."""
    is_archive = usage is Usage.ARCHIVE
    packet = _XMP_TEMPLATE.format(
        pdfua_namespace=_PDFUA_NAMESPACE,
        title=escape(title),
        author=escape(author),
        language=escape(language),
        producer=escape(producer),
        archive=_PDFA_PROPERTIES if is_archive else "",
        schema=_PDFUA_SCHEMA if is_archive else "",
    )
    return packet.encode()
