// Package browser tests the service and pages of other sites in Chromium, and the most important parts in Firefox and WebKit. It has tests
// only.
package browser
