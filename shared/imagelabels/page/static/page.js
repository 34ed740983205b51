// Enhances the server's pages: views change without a reload, pictures open above the grid, more load as you scroll.
import { complete } from "./complete.js";

const $ = (what, where = document) => where.querySelector(what);
const all = (what, where = document) => [...where.querySelectorAll(what)];
const main = $("#main"), viewer = $("#viewer"), help = $("#help"), words = document.body.dataset;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let under = null; // the grid's address while a picture lies above it
let turn = 0; // the newest request wins

export function say(text, seen = true) {
  const toast = $("#says");
  (viewer.open ? viewer : document.body).append(toast);
  toast.textContent = text;
  toast.classList.toggle("on", seen);
  clearTimeout(say.timer);
  say.timer = setTimeout(() => toast.classList.remove("on"), 1800);
}

const ask = async (url, init = {}) => {
  const answer = await fetch(url, { ...init, headers: { "X-Part": "main", ...init.headers } });
  return { url: answer.url, moved: answer.redirected, text: await answer.text(), shown: mayShow(answer) };
};
// The policy that the document came with holds for as long as it stays: a view with pictures from elsewhere is opened anew.
const mayShow = (answer) => {
  const sources = /img-src ([^;]*)/.exec(answer.headers.get("content-security-policy"))?.[1].split(" ") ?? [];
  return sources.every((one) => words.images.split(" ").includes(one));
};
const part = (text) => new DOMParser().parseFromString(text, "text/html").body;
const moving = (change) => (document.startViewTransition && !calm.matches ? document.startViewTransition(change).updateCallbackDone : change());

// Puts an answer into a place, and what the person had there back: focus, open lists, scroll.
function put(where, text) {
  const focus = document.activeElement?.dataset?.k, at = $(".filters", where)?.scrollTop, inPanel = $(".panel", where)?.scrollTop;
  const open = new Set(all("details[id][open]", where).map((one) => one.id));
  const sheet = $("#filters:popover-open", where) !== null && matchMedia("(max-width: 1023px)").matches;
  where.replaceChildren(...part(text).childNodes);
  all("details[id]", where).forEach((one) => open.has(one.id) && (one.open = true));
  if (sheet) $("#filters", where)?.showPopover();
  if (at) $(".filters", where).scrollTop = at;
  dress(where);
  document.title = $("[data-title]", where)?.dataset.title ?? document.title;
  if (focus) ($(`[data-k="${CSS.escape(focus)}"]`, where) ?? $(".panel", where) ?? main).focus({ preventScroll: true });
  return inPanel;
}

async function go(url, push = true) {
  const mine = ++turn;
  main.setAttribute("aria-busy", "true");
  try {
    const answer = await ask(url);
    if (mine !== turn) return;
    if (!answer.shown) return location.assign(answer.url);
    const away = new URL(answer.url).pathname !== location.pathname;
    if (push) history.pushState({}, "", answer.url);
    await moving(() => { put(main, answer.text); mark(); });
    if (away || push) scrollTo(0, 0);
    if (away) main.focus({ preventScroll: true });
    else say($("h1", main)?.textContent ?? "", false);
  } catch { say(words.error); }
  main.removeAttribute("aria-busy");
}

function mark() {
  const here = location.pathname.replace(/^\/pictures.*/, "/");
  all(".nav a").forEach((one) => {
    const path = new URL(one.href).pathname, mine = path === "/" ? here === "/" : here.startsWith(path);
    mine ? one.setAttribute("aria-current", "page") : one.removeAttribute("aria-current");
  });
  const fields = [...new URLSearchParams(here === "/" ? location.search : "")].filter(([key]) => !["q", "page", "lang"].includes(key));
  all(".find input[type=hidden]").forEach((one) => one.remove());
  $(".find").append(...fields.map(([name, value]) => Object.assign(document.createElement("input"), { type: "hidden", name, value })));
  $(".find [name=q]").value = "";
}

// One picture above the grid

async function show(url, tile) {
  const mine = ++turn;
  try {
    const { text, shown } = await ask(url);
    if (mine !== turn) return;
    if (!shown) return location.assign(url);
    const first = !viewer.open;
    if (first) { under = location.href; history.pushState({ viewer: true }, "", url); }
    else history.replaceState({ viewer: true }, "", url);
    const small = first && tile ? $("img", tile) : null;
    if (small) small.style.viewTransitionName = "photo";
    await moving(() => {
      if (small) small.style.viewTransitionName = "";
      put(viewer, text);
      if (first) viewer.showModal();
      const big = $(".big", viewer);
      if (big && small) { big.style.background = `center / contain no-repeat url("${small.currentSrc}")`; big.style.viewTransitionName = "photo"; }
    });
    const big = $(".big", viewer);
    if (big) big.style.viewTransitionName = "";
    if (first) $(".panel", viewer).focus({ preventScroll: true });
    all("[rel=prev], [rel=next]", viewer).forEach((one) => setTimeout(() => fetch(one.href, { headers: { "X-Part": "main" }, priority: "low" }).then((a) => a.text()).then((t) => { new Image().src = $(".big", part(t))?.src ?? ""; }).catch(() => {}), 150));
  } catch { say(words.error); }
}

function hide() {
  const id = $(".view", viewer)?.dataset.id;
  viewer.close();
  document.body.append($("#says"));
  viewer.replaceChildren();
  document.title = $("[data-title]", main)?.dataset.title ?? document.title;
  const tile = id && $(`.tile[data-id="${id}"]`, main);
  if (tile) { tile.scrollIntoView({ block: "nearest" }); rove(tile); tile.focus({ preventScroll: true }); }
  under = null;
}

viewer.addEventListener("cancel", (event) => { event.preventDefault(); if (!$(".pop", viewer)) history.back(); });
addEventListener("popstate", (event) => {
  if (event.state?.viewer) return show(location.href);
  if (viewer.open) { const same = under === location.href; hide(); if (same) return; }
  go(location.href, false);
});

// Grid: one tab stop, arrows move by place on the screen

function rove(tile) {
  all('.tile[tabindex="0"]', main).forEach((one) => (one.tabIndex = -1));
  tile.tabIndex = 0;
}
function move(tile, key) {
  const tiles = all(".tile", main), at = tiles.indexOf(tile), a = tile.getBoundingClientRect(), middle = a.x + a.width / 2;
  let to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tiles.length - 1 }[key];
  if (to === undefined) {
    const step = key === "ArrowDown" ? 1 : -1;
    let line = null, best = Infinity;
    for (let n = at + step; tiles[n]; n += step) {
      const b = tiles[n].getBoundingClientRect();
      if (step * (b.y - a.y) < 8) continue;
      line ??= b.y;
      if (Math.abs(b.y - line) > 8) break;
      const far = Math.abs(b.x + b.width / 2 - middle);
      if (far < best) [best, to] = [far, n];
    }
  }
  if (!tiles[to]) return;
  rove(tiles[to]);
  tiles[to].focus();
}

// More pictures shortly before the end is seen; days that go on in the next page are joined

const near = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && more(), { rootMargin: "1800px" });
async function more() {
  const link = $("[data-more]", main);
  if (!link || link.dataset.busy) return;
  link.dataset.busy = 1;
  link.textContent = words.loading;
  try {
    const answer = await ask(link.href);
    if (!answer.shown) return location.assign(link.href);
    const body = part(answer.text), last = all(".day", main).at(-1), first = $(".day", body);
    if (!link.isConnected) return;
    link.parentElement.remove();
    if (first) delete first.dataset.cut; // what stands before it is here already
    if (first && last && first.dataset.day === last.dataset.day) {
      $(".rows", last).append(...$(".rows", first).children);
      first.remove();
      size([last]);
    }
    $("#grid").append(...body.childNodes);
    const days = all(".day h2 small", main), open = $("[data-more]", main) && days.at(-1); // its other pictures are still to come
    const count = (day) => ("cut" in day.dataset ? "" : $(".rows", day).children.length);
    days.forEach((one) => (one.textContent = one === open ? "" : count(one.closest(".day"))));
    dress($("#grid"));
  } catch { delete link.dataset.busy; link.textContent = words.error; }
}

// How high each day will be, so that the scroll bar is right before it is laid out
function size(days) {
  const grid = $("#grid"), style = getComputedStyle(document.documentElement);
  if (!grid) return;
  const width = grid.clientWidth, gap = parseFloat(style.getPropertyValue("--gap")), h = +style.getPropertyValue("--h");
  for (const day of days) {
    let high = $("h2", day) ? 52 : 14, row = 0, count = 0;
    const end = (last) => { high += (last && width > row * h + gap * count ? h : (width - gap * (count - 1)) / row) + gap; row = count = 0; };
    for (const one of all("li", day)) {
      const q = 0.5 * 1.06 ** +one.className.slice(1);
      if (count && (row + q) * h + gap * count > width) end();
      row += q; count++;
    }
    if (count) end(true);
    day.style.containIntrinsicBlockSize = `auto ${Math.round(high - gap)}px`;
  }
}
let wide = innerWidth;
addEventListener("resize", () => { if (innerWidth !== wide) { wide = innerWidth; size(all(".day", main)); } });

// What the server's HTML gets where scripts run

function dress(where) {
  all("[data-copy]", where).forEach((one) => (one.hidden = false));
  all("[data-complete]", where).forEach((one) => complete(one, { typed: one.dataset.complete === "go" ? words.typed : words.own, choose }));
  all("[data-keep]", where).forEach((one) => (one.checked = localStorage.getItem(one.dataset.keep) === "1"));
  all("[data-fill]", where).forEach((one) => ask(one.dataset.fill).then(({ text }) => { const got = $("svg", part(text)); if (got) one.replaceWith(got); }, () => {}));
  const tiles = all(".tile", main);
  if (tiles.length) {
    all(".tile:not([tabindex])", main).forEach((one) => (one.tabIndex = -1));
    if (!$('.tile[tabindex="0"]', main)) tiles[0].tabIndex = 0;
    size(all(".day:not([style])", main));
  }
  if ($(".drops", where)) import("./drop.js").then((drop) => drop.dress());
  const link = $("[data-more]", main);
  if (link) { near.disconnect(); near.observe(link); }
}

function choose(input, label, typed) {
  if (input.dataset.complete === "fill") { input.value = label?.name ?? typed; return input.form.requestSubmit(); }
  const query = new URLSearchParams(new FormData(input.form));
  query.delete("q");
  label ? query.append("label", label.id) : query.set("q", typed);
  input.value = "";
  input.blur();
  go("/?" + query);
}

async function send(form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  const place = form.dataset.live === "main" || !viewer.open ? main : viewer;
  try {
    const { url, moved, text, shown } = await ask(form.action, { method: "POST", body });
    if (!shown) return location.assign(url);
    if (moved && place === main && new URL(url).pathname !== location.pathname) history.pushState({}, "", url);
    const at = await new Promise((done) => moving(() => done(put(place, text))));
    if (at) $(".panel", place).scrollTop = at;
  } catch { say(words.error); }
}

addEventListener("click", (event) => {
  all(".chip details[open]").forEach((one) => one.contains(event.target) || (one.open = false));
  const copy = event.target.closest("[data-copy]");
  if (copy) return navigator.clipboard.writeText(copy.dataset.copy).then(() => say(words.copied));
  const link = event.target.closest("a[href]");
  if (link?.matches(".skip")) { event.preventDefault(); return ($("#found", main) ?? main).focus(); }
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.defaultPrevented) return;
  const href = link.href.baseVal ?? link.href, url = new URL(href, location);
  if (url.origin !== location.origin || "plain" in link.dataset || url.hash) return;
  event.preventDefault();
  if ("more" in link.dataset) return more();
  if (viewer.open && "close" in link.dataset) return history.back();
  if (viewer.open && /^(prev|next)$/.test(link.rel)) return show(href);
  if (!viewer.open && link.matches(".tile")) return show(href, link);
  if (viewer.open) hide();
  go(href);
});
addEventListener("toggle", (event) => {
  const menu = event.target.open && event.target.matches(".chip details") && $(".menu", event.target);
  if (!menu) return;
  menu.style.translate = ""; // a chip near the right edge has its menu further left
  menu.style.translate = `${Math.min(0, document.documentElement.clientWidth - 12 - menu.getBoundingClientRect().right)}px`;
}, true);
addEventListener("submit", (event) => {
  const form = event.target;
  if ("live" in form.dataset) { event.preventDefault(); return send(form, event.submitter); }
  if (form.method !== "get" || form.method === "dialog") return;
  event.preventDefault();
  const query = new URLSearchParams([...new FormData(form)].filter(([key, value]) => value && !(key === "min_confidence" && value === "0")));
  go(form.action.split("?")[0] + (query.size ? "?" + query : ""));
});
addEventListener("change", (event) => {
  const kept = event.target.dataset.keep;
  if (kept) localStorage.setItem(kept, event.target.checked ? "1" : "");
  if (event.target.id === "single") localStorage.setItem("single", event.target.checked ? "" : "off");
  event.target.form?.matches("[data-auto]") && event.target.form.requestSubmit();
});
addEventListener("input", (event) => {
  if (event.target.type !== "range") return;
  const out = $(`output[for="${event.target.id}"]`), value = +event.target.value;
  out.textContent = value ? "≥ " + value.toFixed(2) : out.dataset.any;
});

addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (target.matches(".tile") && !viewer.open && /^(Arrow|Home|End)/.test(key)) { event.preventDefault(); return move(target, key); }
  if (target.matches("input:not([type=checkbox]), select, textarea")) return;
  if (key === "Escape") all(".chip details[open]").forEach((one) => { one.open = false; $("summary", one).focus(); });
  const press = (what, where) => { const one = $(what, where); if (one) { event.preventDefault(); one.matches("input") ? one.focus() : one.click(); } };
  if (viewer.open || $(".view", main)) {
    if (key === "ArrowLeft") return press("[rel=prev]");
    if (key === "ArrowRight") return press("[rel=next]");
  }
  if (localStorage.getItem("single") === "off" || help.open) return;
  const view = $(".view");
  if (key === "?") { event.preventDefault(); return help.showModal(); }
  if (key === "/" && !viewer.open) press(".find [name=q]");
  if (key === "f" && !viewer.open) matchMedia("(min-width: 1024px)").matches ? $(".filters a, .filters input")?.focus() : press("[data-key=f]");
  if (view && key === "i") view.classList.toggle("full");
  if (view && key === "a") press(".addlab [name=label]", view);
  if (view && key === "c") press("[data-copy]", view);
});

history.scrollRestoration = "auto";
$("#single").checked = localStorage.getItem("single") !== "off";
dress(document);
