// A form of ours inside a frame on another site: tells the page around it how high it is, and what came of it.
// Speaks with one origin only, the one the server knows and the page named.
(() => {
  "use strict";
  const { parent, site, form, sent, visitor } = document.documentElement.dataset;
  if (!parent || window.parent === window) return;
  const say = (what) => window.parent.postMessage({ headwater: 1, site, form, ...what }, parent);

  const fit = () => say({ height: Math.ceil(document.body.getBoundingClientRect().height) });
  new ResizeObserver(fit).observe(document.body);
  fit();
  if (sent) say({ sent: true, visitor });
  // What is new is read out first; browsers do not let a frame do it by autofocus.
  const news = document.getElementById("errors") || document.getElementById("sent");
  if (news) {
    say({ look: true });
    news.focus({ preventScroll: true });
  }

  // The visitor agreed to be remembered after this form was shown: the form goes out with the site's own key.
  addEventListener("message", (event) => {
    if (event.source !== window.parent || event.origin !== parent || !event.data || event.data.headwater !== 1) return;
    const address = new URL(location.href);
    const key = String(event.data.visitor || "");
    if (/^[0-9a-f-]{36}$/.test(key)) address.searchParams.set("v", key);
    else address.searchParams.delete("v");
    history.replaceState(null, "", address);
  });
})();
