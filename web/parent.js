// For pages with iframes of ours and without the script of the element: gives each such frame the height of what is in it.
// <script async src="…/assets/parent.js"></script>
(function () {
  'use strict';
  var script = document.currentScript || document.querySelector('script[src*="/assets/parent."]');
  var base = script.src.slice(0, script.src.lastIndexOf('/assets/'));
  var origin = new URL(base).origin;

  function frames() {
    return Array.from(document.querySelectorAll('iframe')).filter(function (frame) {
      return frame.src.startsWith(base + '/embed/');
    });
  }

  // A message counts if it comes from our service and out of a frame that shows it.
  addEventListener('message', function (event) {
    var data = event.data;
    if (event.origin !== origin || !data || data.type !== 'wait-time:height' || !(data.height > 0 && data.height < 10000)) return;
    frames().forEach(function (frame) {
      if (frame.contentWindow === event.source) frame.style.height = Math.ceil(data.height) + 'px';
    });
  });

  // Those that told their height before we listened are asked for it, which is no secret. Those that are not there yet will tell.
  frames().forEach(function (frame) {
    frame.contentWindow.postMessage({type: 'wait-time:measure'}, '*');
  });
})();
