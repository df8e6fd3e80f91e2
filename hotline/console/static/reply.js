// 办理页：答复写到哪里，检查跟到哪里。没有脚本时按“检查答复”。
for (const field of document.querySelectorAll("[data-reply-check]")) {
  const place = document.getElementById(field.dataset.replyCheck);
  const token = field.form.elements.csrf_token.value;
  let timer = 0, asked = 0;
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(check, 600); });

  async function check() {
    const mine = ++asked;
    if (field.value.trim().length < 10) { place.replaceChildren(); return; }
    const body = new URLSearchParams({ csrf_token: token, draft: field.value });
    try {
      const answer = await fetch(field.dataset.checkAt, { method: "POST", body, headers: { "X-CSRFToken": token } });
      if (!answer.ok || mine !== asked) return;
      place.innerHTML = await answer.text();  // made by the same template as the page
    } catch { /* a hint is not worth an alarm; the button still works */ }
  }
}
