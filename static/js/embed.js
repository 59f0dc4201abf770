/* Headwater on your site: forms and page views. One script tag, no dependency, no cookie.
 *
 *   <script src="https://crm.example/embed.js" data-site="KEY" async></script>
 *   <div data-form="page-slug"><a href="https://crm.example/p/page-slug/">To the form</a></div>
 *
 *   headwater("consent", { tracking: true })    a visitor agreed to be remembered; false takes it back
 *   headwater("page")                           one more page view, on sites that change pages without loading them
 *   headwater("forms")                          look again for places that wait for a form
 *
 * Before the script is there, calls may queue:
 *   window.headwater = window.headwater || function () { (headwater.q = headwater.q || []).push(arguments); };
 *
 * Without consent nothing is stored and nobody is recognised. With Global Privacy Control or Do Not Track nothing
 * is sent at all; forms still work.
 */
(function () {
  "use strict";
  var script = document.currentScript;
  var site = script && script.dataset.site;
  if (!site || (window.headwater && window.headwater.ready)) return;

  var base = new URL(script.src).origin;
  var silent = navigator.globalPrivacyControl === true || navigator.doNotTrack === "1";
  var STORE = "headwater.visitor";
  var frames = [];
  // Where this visit came from; a page may rewrite its address afterwards.
  var landing = location.href;

  function stored() {
    if (silent) return "";
    try {
      return localStorage.getItem(STORE) || "";
    } catch (refused) {
      return "";
    }
  }

  function store(key) {
    try {
      if (key) localStorage.setItem(STORE, key);
      else localStorage.removeItem(STORE);
    } catch (refused) {
      /* a browser that keeps nothing: the visit stays anonymous */
    }
  }

  function newKey() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    var hex = Array.from(bytes, function (byte) {
      return (byte + 256).toString(16).slice(1);
    }).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  function tell(what) {
    if (silent || !navigator.sendBeacon) return;
    what.site = site;
    navigator.sendBeacon(base + "/t/", JSON.stringify(what));
  }

  function view(url) {
    tell({ kind: "page", url: url.slice(0, 1000), ref: document.referrer.slice(0, 300), v: stored() || undefined });
  }

  function address(slug, first) {
    var query = new URLSearchParams({ page: slug, at: location.origin });
    if (!silent) {
      query.set("url", landing.slice(0, 1000));
      query.set("ref", document.referrer.slice(0, 300));
      if (stored()) query.set("v", stored());
      if (first) query.set("first", "1");
    }
    return base + "/e/" + site + "/?" + query;
  }

  /* Puts a frame into each place that waits for a form; returns how many. The first form counts as the page view. */
  function forms() {
    var places = document.querySelectorAll("[data-form]:not([data-form-shown])");
    places.forEach(function (place) {
      var frame = document.createElement("iframe");
      frame.title = place.dataset.title || place.textContent.trim() || "Form";
      frame.src = address(place.dataset.form, !frames.length);
      frame.style.cssText = "width:100%;border:0;display:block;height:30rem;color-scheme:normal";
      place.dataset.formShown = "";
      place.replaceChildren(frame);
      frames.push({ place: place, frame: frame });
    });
    return places.length;
  }

  function shareKey(key) {
    frames.forEach(function (one) {
      one.frame.contentWindow.postMessage({ headwater: 1, visitor: key }, base);
    });
  }

  function consent(said) {
    if (silent) return store("");
    var key = stored();
    if (said && said.tracking) {
      if (key) return;
      store(newKey());
      shareKey(stored());
    } else if (key) {
      tell({ kind: "withdraw", v: key });
      store("");
      shareKey("");
    }
  }

  function heard(event) {
    if (event.origin !== base || !event.data || event.data.headwater !== 1) return;
    var found = frames.find(function (one) {
      return one.frame.contentWindow === event.source;
    });
    if (!found) return;
    var what = event.data;
    if (what.height > 0 && what.height < 20000) found.frame.style.height = what.height + "px";
    if (what.sent || what.look) {
      var top = found.frame.getBoundingClientRect().top;
      if (top < 0) found.frame.scrollIntoView();
    }
    if (what.sent) {
      // The box on the form was ticked: this site may now recognise the browser.
      if (/^[0-9a-f-]{36}$/.test(what.visitor || "") && !silent) store(what.visitor);
      found.place.dispatchEvent(
        new CustomEvent("headwater:sent", { bubbles: true, detail: { form: found.place.dataset.form } })
      );
    }
  }

  function headwater(verb, more) {
    if (verb === "consent") consent(more);
    else if (verb === "page") view((landing = location.href));
    else if (verb === "forms") forms();
  }

  function begin() {
    var waiting = (window.headwater && window.headwater.q) || [];
    headwater.ready = true;
    window.headwater = headwater;
    if (silent) store("");
    window.addEventListener("message", heard);
    // What was said before the first view holds for it.
    Array.from(waiting).forEach(function (call) {
      if (call[0] === "consent") headwater.apply(null, call);
    });
    if (!forms()) view(landing);
    Array.from(waiting).forEach(function (call) {
      if (call[0] !== "consent") headwater.apply(null, call);
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
