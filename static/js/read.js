// How long an open piece was in view and how deep it was seen. No cookie and no id; whose link it was travels only
// where the address of the page already says so. Silent where the browser asks not to be tracked.
(() => {
  "use strict";
  const text = document.querySelector("[data-asset]");
  if (!text || !navigator.sendBeacon || navigator.globalPrivacyControl || navigator.doNotTrack === "1") return;

  const me = new URLSearchParams(location.search).get("me") || undefined;
  let since = document.visibilityState === "visible" ? performance.now() : null;
  let unsaid = 0; // milliseconds in view that have not been told yet
  let depth = 0;
  let told = 0;

  const count = () => {
    if (since !== null) unsaid += performance.now() - since;
    since = document.visibilityState === "visible" ? performance.now() : null;
  };
  const tell = () => {
    count();
    const seconds = Math.floor(unsaid / 1000);
    if (seconds < 1 && depth <= told) return;
    unsaid -= seconds * 1000;
    told = depth;
    navigator.sendBeacon("/t/", JSON.stringify({ kind: "view", asset: text.dataset.asset, seconds, depth, me }));
  };

  const parts = [...text.children];
  const seen = new IntersectionObserver((entries) => {
    const height = text.offsetHeight || 1;
    for (const one of entries) {
      if (!one.isIntersecting) continue;
      const low = Math.min(one.intersectionRect.bottom, innerHeight) - text.getBoundingClientRect().top;
      depth = Math.max(depth, Math.min(100, Math.round((100 * low) / height)));
    }
  }, { threshold: [0, 0.25, 0.5, 0.75, 1] });
  parts.forEach((part) => seen.observe(part));

  document.addEventListener("visibilitychange", () => (document.hidden ? tell() : count()));
  addEventListener("pagehide", tell);
  // Who reads for long without a break is heard of meanwhile.
  setInterval(tell, 60000);
})();
