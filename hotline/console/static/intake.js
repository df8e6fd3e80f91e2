// 登记页：写到哪里，建议就跟到哪里。没有脚本时，登记后在工单页看建议。
const form = document.querySelector("[data-intake]");
const panel = document.querySelector("[data-suggestions]");
const text = form.elements.text, place = form.elements.place;
const token = form.elements.csrf_token.value;
let timer = 0, asked = 0;

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") node.className = value; else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

const percent = (share) => `${Math.round(share * 100)}%`;

function choose(select, value) {
  if (![...select.options].some((option) => option.value === value)) return false;
  select.value = value;
  return true;
}

function line(main, why, take, key) {
  const row = make("div", { class: "sure" }, make("div", {}, main, make("br"), make("span", { class: "quiet small" }, why)));
  if (take) {
    const button = make("button", { type: "button", class: "btn btn-sm btn-outline-primary" }, key ? `采用 (Alt+${key})` : "采用");
    if (key) button.dataset.key = key;
    button.addEventListener("click", () => { if (take() !== false) button.textContent = "已采用"; });
    row.append(button);
  }
  return row;
}

function show(found) {
  panel.replaceChildren(make("h2", {}, "智能建议"));
  if (found.urgency.urgent) {
    const mark = make("span", { class: "tag tag-solid" }, "疑似紧急");
    panel.append(line(mark, found.urgency.why.join("、"), () => { form.elements.urgent.checked = true; }, ""));
  }
  if (found.categories.length) {
    panel.append(make("h3", {}, "分类"));
    found.categories.forEach((item, index) => panel.append(line(
      `${item.path}　${percent(item.confidence)}`, [item.alone ? "很有把握" : "", item.why.length ? `因为：${item.why.join("、")}` : ""].filter(Boolean).join("；"),
      () => choose(form.elements.category, item.code), String(index + 1))));
  }
  if (found.request_type) {
    panel.append(make("h3", {}, "类型"), line(found.request_type.name, found.request_type.why.join("、"),
      () => choose(form.elements.request_type, found.request_type.code), "4"));
  }
  if (found.place) {
    panel.append(make("h3", {}, "地点"), line(`${found.place.path}　${percent(found.place.confidence)}`, found.place.why,
      () => { if (!choose(form.elements.area, found.place.code) || !place.value) place.value ||= found.place.path; }, "5"));
  }
  if (found.unit) panel.append(make("h3", {}, "承办单位"), line(found.unit.name, found.unit.why, null));
  if (found.duplicates.length) {
    panel.append(make("h3", {}, "可能重复"));
    for (const item of found.duplicates) {
      const link = make("a", { href: form.dataset.order.replace("NUMBER", item.number), target: "_blank" }, item.title);
      panel.append(line(link, `相似 ${percent(item.score)}，相隔 ${item.days_apart} 天；${item.why.join("；")}`, null));
    }
  }
}

async function ask() {
  if (text.value.trim().length < 4) return;
  const mine = ++asked;
  try {
    const answer = await fetch(form.dataset.suggest, {
      method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ text: text.value, place: place.value }),
    });
    if (answer.ok && mine === asked) show(await answer.json());
  } catch {
    // 断网时不打扰：登记照常，建议在工单页还有
  }
}

for (const field of [text, place]) {
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 400); });
}
document.addEventListener("keydown", (event) => {
  if (!event.altKey) return;
  const button = panel.querySelector(`[data-key="${event.key}"]`);
  if (button) { event.preventDefault(); button.click(); }
});
if (text.value) ask();
