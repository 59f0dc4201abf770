// Says at which field a form was begun and left unsent: the name of the field, never what was typed.
// No cookie, no id; silent where the browser asks not to be tracked. The form works without it.
(() => {
  "use strict";
  const form = document.querySelector("form[data-page]");
  if (!form || !navigator.sendBeacon || navigator.globalPrivacyControl || navigator.doNotTrack === "1") return;

  // The trap and the hidden fields are none of the visitor's.
  const fields = [...form.elements].filter((one) => one.name && one.type !== "hidden" && !one.closest("[aria-hidden]"));
  const wrong = fields.find((one) => one.getAttribute("aria-invalid") === "true");
  let last = wrong ? wrong.name : "";
  let begun = Boolean(wrong);
  let done = false;

  form.addEventListener("focusin", (event) => {
    if (fields.includes(event.target)) last = event.target.name;
  });
  form.addEventListener("input", (event) => {
    if (!fields.includes(event.target)) return;
    begun = true;
    last = event.target.name;
  });
  form.addEventListener("submit", () => {
    done = true;
  });
  addEventListener("pagehide", () => {
    if (!begun || done) return;
    done = true;
    navigator.sendBeacon("/t/", JSON.stringify({ kind: "left", page: form.dataset.page, field: last }));
  });
})();
