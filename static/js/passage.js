// Words that are selected in a text: which letters they are, as the server counts them, and how they are marked.

/** Gives the pieces of a text as it is read: letters, and formulas as they were typed, each as one whole. */
function pieces(root) {
  const found = [];
  (function walk(node) {
    if (node.nodeType === Node.TEXT_NODE) found.push({ node, text: node.data, whole: false });
    else if (node.localName === "math") found.push({ node, text: source(node), whole: true });
    else if (node.matches(".formula-as-typed")) found.push({ node, text: node.textContent, whole: true });
    else if (!node.matches(".remark-ref, .formula-hint")) node.childNodes.forEach(walk);
  })(root);
  return found;
}

function source(math) {
  const sign = math.getAttribute("display") === "block" ? "$$" : "$";
  return sign + math.querySelector("annotation").textContent + sign;
}

/** Gives what of these pieces is selected: [{node, text, from, to}], without white at its ends. */
function chosen(all, range) {
  const found = [];
  for (const piece of all) {
    const { node, text, whole } = piece;
    if (!range.intersectsNode(node)) continue;
    const from = !whole && node === range.startContainer ? range.startOffset : 0;
    const to = !whole && node === range.endContainer ? range.endOffset : text.length;
    if (from < to) found.push({ ...piece, from, to });
  }
  while (found.length && !found[0].text.slice(found[0].from, found[0].to).trim()) found.shift();
  while (found.length && !found.at(-1).text.slice(found.at(-1).from, found.at(-1).to).trim()) found.pop();
  if (found.length && !found[0].whole) {
    const [first] = found;
    first.from += /^\s*/.exec(first.text.slice(first.from, first.to))[0].length;
  }
  if (found.length && !found.at(-1).whole) {
    const last = found.at(-1);
    last.to -= /\s*$/.exec(last.text.slice(last.from, last.to))[0].length;
  }
  return found;
}

const MOST = 500; // letters of a passage
const AROUND = 32; // letters before and after it

/** Says which words of `root` are selected, with what stands around them; null when there are none. */
export function passage(root, range) {
  const all = pieces(root);
  const parts = chosen(all, range);
  if (!parts.length) return null;
  const first = all.findIndex(({ node }) => node === parts[0].node);
  const start = all.slice(0, first).map(({ text }) => text).join("") + parts[0].text.slice(0, parts[0].from);
  const quote = parts.map(({ text, from, to }) => text.slice(from, to)).join("");
  // A letter is a sign as Python counts it, not half of a pair.
  const whole = [...all.map(({ text }) => text).join("")];
  const begin = [...start].length;
  const length = [...quote].length;
  if (length > MOST) return { tooLong: true };
  return {
    parts, quote, start: begin,
    before: whole.slice(Math.max(0, begin - AROUND), begin).join(""),
    after: whole.slice(begin + length, begin + length + AROUND).join(""),
  };
}

/** Marks these parts and puts a reference behind the last; as reflect/passage.py does. */
export function mark(parts, key) {
  let last = null;
  for (const { node, text, whole, from, to } of parts) {
    if (!whole && /^\s*\n\s*$/.test(text.slice(from, to))) continue;
    const marked = document.createElement("mark");
    if (!last) marked.id = `passage-${key}`;
    let target = node;
    if (!whole) {
      target = from ? node.splitText(from) : node;
      if (to - from < target.data.length) target.splitText(to - from);
    }
    target.replaceWith(marked);
    marked.append(target);
    last = marked;
  }
  const reference = document.createElement("sup");
  reference.className = "remark-ref";
  const link = document.createElement("a");
  link.href = `#remark.${key}`;
  reference.append(link);
  last.after(reference);
}
