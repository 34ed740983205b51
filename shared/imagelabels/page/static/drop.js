// Photos dropped or chosen: each gets a card, which the server fills until the photo is labelled or refused.
import { say } from "./page.js";

const AT_ONCE = 3, PAUSE = 400, LONG = 60000;
const $ = (what, where = document) => where.querySelector(what);
const all = (what, where = document) => [...where.querySelectorAll(what)];
const zone = () => $("form.zone"), fill = (text, value) => text.replace("{}", value);
const times = new WeakMap(); // per card: when its photo was taken, and how long it took since
let sending = 0, polling = false;
const waiting = [];

const ended = (card, text) => {
  delete card.dataset.open;
  $(".steps .now", card)?.classList.replace("now", "bad");
  $(".says", card).textContent = text;
  say(`${$(".txt > b", card).textContent}: ${text}`, false);
};

// How long the upload took, and the whole way to the labels, as this browser saw it
const seconds = (since) => ((performance.now() - since) / 1000).toFixed(1) + " s";
function timed(card) {
  const seen = times.get(card), steps = all(".steps .on small", card);
  if (!seen || !steps.length) return;
  steps[0].textContent = seen.upload;
  if (steps[3]) steps[3].textContent = seen.whole ??= seconds(seen.began);
}

function take(files) {
  const { most, many, largest, large } = zone().dataset;
  if (files.length > +most) return say(many);
  for (const file of files) {
    const card = $("#drop-card").content.cloneNode(true).querySelector("li"), picture = new Image();
    $(".txt > b bdi", card).textContent = file.name;
    picture.alt = "";
    picture.src = URL.createObjectURL(file);
    picture.onload = () => URL.revokeObjectURL(picture.src);
    picture.onerror = () => picture.remove();
    $(".pic", card).append(picture);
    times.set(card, { began: performance.now() });
    $(".drops").prepend(card);
    if (file.size > +largest) ended(card, fill(large, file.name));
    else waiting.push([file, card]);
  }
  next();
}

function next() {
  while (sending < AT_ONCE && waiting.length) {
    sending++;
    send(...waiting.shift()).finally(() => { sending--; next(); });
  }
}

async function send(file, card) {
  if (!zone()) return;
  const body = new FormData(zone());
  body.delete("photo");
  body.append("photo", file);
  let told;
  try {
    told = await (await fetch("/drop", { method: "POST", body, headers: { "X-Part": "main" } })).json();
  } catch { told = { detail: document.body.dataset.error }; }
  if (!told.at) return ended(card, fill(zone()?.dataset.notSent ?? "{}", told.detail));
  times.get(card).upload = seconds(times.get(card).began);
  card.dataset.at = told.at;
  kept();
  poll();
}

// The address names the photos, so that reloading and going back shows them again
function kept() {
  const at = all(".dropped[data-at]").map((one) => one.dataset.at).filter(Boolean).slice(0, 40).join(",");
  if (location.pathname === "/drop") history.replaceState(history.state, "", "/drop?at=" + encodeURIComponent(at));
}

async function poll() {
  if (polling) return;
  polling = true;
  for (let open; (open = all(".dropped[data-open]").filter((one) => one.dataset.at).slice(0, 40)).length; ) {
    await new Promise((done) => setTimeout(done, PAUSE));
    try {
      const url = "/drop?cards=1&at=" + encodeURIComponent(open.map((one) => one.dataset.at).join(","));
      const answer = await fetch(url, { headers: { "X-Part": "main" } });
      if (!answer.ok) throw answer;
      show(open, new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { await new Promise((done) => setTimeout(done, 5 * PAUSE)); }
  }
  polling = false;
}

function show(open, answer) {
  const news = [];
  for (const now of all(".dropped", answer)) {
    const card = open.find((one) => one.dataset.at === now.dataset.at);
    if (!card) continue;
    const before = $(".txt", card).innerText;
    if ($("img", card)) $(".pic", now).remove();
    else $(".pic", card).replaceWith($(".pic", now));
    $(".txt", card).replaceWith($(".txt", now));
    if (!("open" in now.dataset)) delete card.dataset.open;
    timed(card);
    const seen = times.get(card), text = $(".says", card);
    if (seen && text && "open" in card.dataset && performance.now() - seen.began > LONG) text.textContent = zone()?.dataset.long ?? "";
    const words = ($(".says", card) ?? $(".chips", card)).innerText.replace(/\s+/g, " ");
    if (before.replace(/\s+/g, " ").includes(words)) continue;
    news.push(`${$(".txt > b", card).textContent}: ${words}`);
  }
  if (news.length) say(news.join(". "), false);
}

addEventListener("change", (event) => {
  if (event.target.type === "file" && zone()) chosen(event.target);
});
function chosen(field) {
  take([...field.files]);
  field.value = "";
}
const bears = (event) => zone() && [...(event.dataTransfer?.types ?? [])].includes("Files");
for (const kind of ["dragenter", "dragover"]) addEventListener(kind, (event) => { if (bears(event)) { event.preventDefault(); zone().classList.add("over"); } });
addEventListener("dragleave", (event) => { if (zone() && !event.relatedTarget) zone().classList.remove("over"); });
addEventListener("drop", (event) => {
  if (!bears(event)) return;
  event.preventDefault();
  zone().classList.remove("over");
  take([...event.dataTransfer.files]);
});

// What somebody chose before this module was there is taken too.
export function dress() {
  const field = $(".zone [type=file]");
  if (field?.files.length) chosen(field);
  poll();
}
