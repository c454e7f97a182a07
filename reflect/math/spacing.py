"""Set the signs of a formula as a mathematician would: by what stands before each of them.

Browsers and the library that draws for paper know a sign by its place in a row alone. To them the
minus of x = -3 is a subtraction, and they do not agree on how wide a times sign stands.
"""

import re
from xml.etree import ElementTree as tree

# In em, by the conventions of TeX: around relations, around operations, behind a separator.
_RELATION_SPACE = "0.278em"
_OPERATION_SPACE = "0.222em"
_SEPARATOR_SPACE = "0.167em"
_NO_SPACE = "0em"

_OPERATIONS = frozenset("+−-±∓×·⋅÷∘∩∧:\u2217\u222a\u2228\u2236")
_RELATIONS = frozenset("=≠<>≤≥⩽⩾≈≡≅∝→⇒⇔←↦∈∉⊂⊆⊥∥⟹⟺⟸⇐↔⟶≪≫\u223c\u2223")
_SEPARATORS = frozenset(",;")
_BEFORE_OPERANDS = frozenset("([{⟨⌈⌊/∑∏∫")  # a minus behind one of these is no subtraction
_THOUSANDS = re.compile(r"(?:\.\d{3})+")
_BARS = frozenset("|‖")
_FUNCTIONS = frozenset(("sin", "cos", "tan", "log", "ln", "min", "max", "mod"))
_ROWS = frozenset(("mrow", "mtd", "mstyle", "msqrt", "mpadded", "menclose"))
_SCRIPTS = frozenset(("msub", "msup", "msubsup", "munder", "mover", "munderover"))


def set_spacing(element: tree.Element) -> None:
    """Give each sign in this element its place and its space, and make one number of 1,25."""
    _join_decimals(element)
    if element.tag in _ROWS:
        _set_row(element)
        _set_functions_apart(element)
    for position, child in enumerate(element):
        set_spacing(child)
        if element.tag in _SCRIPTS and position > 0:
            # An exponent or an index has no room for spaces.
            for operator in child.iter("mo"):
                _set_space(operator, before=_NO_SPACE, behind=_NO_SPACE)


def split_at_relations(row: tree.Element) -> list[tree.Element]:
    """Return the formula in rows, of which each but the first begins with a relation.

    Between them a line may end.
    """
    rows = [tree.Element("mrow")]
    for element in row if row.tag == "mrow" else [row]:
        if element.tag == "mo" and element.text in _RELATIONS and len(rows[-1]):
            rows.append(tree.Element("mrow"))
        rows[-1].append(element)
    return rows


def _join_decimals(row: tree.Element) -> None:
    """Join 1 , 25 to one number where no space was typed: there the comma is in its own row."""
    for index in reversed(range(len(row) - 1)):
        # Of 1.000.000 the library has taken the first two parts together.
        if row[index].tag == "mn" and _THOUSANDS.fullmatch(row[index + 1].text or ""):
            row[index].text = f"{row[index].text}{row[index + 1].text}"
            del row[index + 1]
    index = 0
    while index + 2 < len(row):
        whole, comma, rest = row[index], row[index + 1], row[index + 2]
        fraction = _core(rest)
        if whole.tag == fraction.tag == "mn" and _is_decimal_comma(comma):
            fraction.text = f"{whole.text},{fraction.text}"
            del row[index : index + 2]
        else:
            index += 1


def _is_decimal_comma(element: tree.Element) -> bool:
    return element.tag == "mrow" and len(element) == 1 and element[0].text == ","


def _set_row(row: tree.Element) -> None:
    # In a column of aligned equations the library puts an empty operand before the first sign.
    is_operand_before = len(row) > 0 and row[0].tag == "mi" and not row[0].text
    is_bar_open = False
    for element in row:
        core = _core(element)
        sign = (core.text or "").strip() if core.tag in ("mo", "mi") else ""
        if sign in _OPERATIONS or sign in _RELATIONS:
            _set_operator(core, is_infix=is_operand_before or sign in _RELATIONS)
            is_operand_before = False
        elif sign in _BARS:
            is_bar_open = not is_bar_open
            is_operand_before = not is_bar_open
            _set_space(core, before=_NO_SPACE, behind=_NO_SPACE)
        elif sign in _SEPARATORS:
            core.tag = "mo"
            _set_space(core, before=_NO_SPACE, behind=_SEPARATOR_SPACE)
            is_operand_before = False
        elif sign in _BEFORE_OPERANDS or sign in _FUNCTIONS:
            is_operand_before = False
        elif sign == "]" and not is_operand_before:
            pass  # the interval ]-1, 3[
        elif element.tag != "mspace" and "".join(element.itertext()).strip():
            is_operand_before = True


def _set_operator(operator: tree.Element, *, is_infix: bool) -> None:
    operator.tag = "mo"
    operator.set("form", "infix" if is_infix else "prefix")
    space = _NO_SPACE
    if is_infix:
        space = _RELATION_SPACE if operator.text in _RELATIONS else _OPERATION_SPACE
    _set_space(operator, before=space, behind=space)


def _set_space(operator: tree.Element, *, before: str, behind: str) -> None:
    operator.attrib |= {"lspace": before, "rspace": behind}


def _set_functions_apart(row: tree.Element) -> None:
    """Put a space between sin and x; before a bracket there is none."""
    for index in reversed(range(len(row) - 1)):
        follower = _core(row[index + 1])
        if _core(row[index]).text in _FUNCTIONS and follower.tag in ("mi", "mn", "mfrac", "msqrt"):
            row.insert(index + 1, tree.Element("mspace", {"width": _SEPARATOR_SPACE}))


def _core(element: tree.Element) -> tree.Element:
    """Return what stands on the line: of a power its base."""
    while (element.tag in _SCRIPTS and len(element)) or (
        element.tag == "mrow" and len(element) == 1
    ):
        element = element[0]
    return element
