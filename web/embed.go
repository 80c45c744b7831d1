// Package web is the browser side: what the server sends to browsers as it is.
package web

import "embed"

// Assets are the files that pages of ours load: a stylesheet and an icon.
//
//go:embed page.css icon.svg
var Assets embed.FS
