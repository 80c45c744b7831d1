// Package web is the browser side: what the server sends to browsers as it is.
package web

import "embed"

// Assets are the files that pages of ours load: stylesheets, an icon, and small scripts.
//
//go:embed page.css frame.css frame.js parent.js icon.svg
var Assets embed.FS
