// Package browser holds no code, only the tests that need a browser: the service behind one address, pages of other sites
// behind another, and Chromium in front of both; for the most important of it Firefox and WebKit, too.
package browser
