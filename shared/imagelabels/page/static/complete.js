// A combobox over /complete: names in both languages with counts. Arrows choose, Enter takes, Escape closes.
let serial = 0;

export function complete(input, { typed, choose }) {
  if (input.role === "combobox") return;
  const list = Object.assign(document.createElement("ul"), { className: "pop", id: `pop${++serial}`, hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.list);
  input.role = "combobox";
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  let found = [], at = -1, turn = 0, timer;

  const close = () => { list.remove(); at = -1; found = []; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const pick = (n) => { const one = found[n], text = input.value.trim(); close(); choose(input, one?.id ? one : null, text); };
  const point = (n) => {
    at = n;
    [...list.children].forEach((one, k) => one.setAttribute("aria-selected", k === n));
    n < 0 ? input.removeAttribute("aria-activedescendant") : input.setAttribute("aria-activedescendant", `${list.id}-${n}`);
    list.children[n]?.scrollIntoView({ block: "nearest" });
  };
  const tag = (name, text) => Object.assign(document.createElement(name), { textContent: text });

  function draw() {
    list.replaceChildren(...found.map((one, n) => {
      const line = Object.assign(document.createElement("li"), { id: `${list.id}-${n}` });
      line.setAttribute("role", "option");
      const name = tag("span", one.id ? one.name + " " : typed.replace("{}", () => `\u2068${input.value.trim()}\u2069`));
      line.append(name);
      if (one.id) { name.append(tag("i", one.other)); line.append(tag("b", one.count.toLocaleString()), tag("small", one.level + (one.parent ? " · " + one.parent : ""))); }
      line.addEventListener("pointerdown", (event) => { event.preventDefault(); pick(n); });
      line.addEventListener("pointermove", () => at !== n && point(n));
      return line;
    }));
    list.hidden = false;
    input.after(list);
    input.setAttribute("aria-expanded", "true");
    point(found[0]?.id ? 0 : -1);
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    const text = input.value.trim(), mine = ++turn;
    if (!text) return close();
    timer = setTimeout(async () => {
      const hits = await fetch("/complete?q=" + encodeURIComponent(text)).then((answer) => answer.json(), () => []);
      if (mine !== turn || document.activeElement !== input) return;
      found = [...hits, { typed: true }];
      draw();
    }, 90);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // a Chinese word is still being composed
    if (!found.length) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); point((at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length); }
    else if (event.key === "Enter" && at >= 0) { event.preventDefault(); pick(at); }
    else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); }
  });
  input.addEventListener("blur", close);
}
