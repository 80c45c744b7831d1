package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"path"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"waitboard/handlers/respond"
	"waitboard/web"
)

// An asset is a file that the pages load.
type asset struct {
	hashed      string // the name with a hash of the content, which caches store permanently
	contentType []string
	body        respond.Body
}

// assets returns all assets by both their names.
var assets = sync.OnceValue(func() map[string]*asset {
	all := map[string]*asset{}
	err := fs.WalkDir(web.Assets, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(web.Assets, file)
		if err != nil {
			return err
		}
		name, ext := path.Base(file), path.Ext(file)
		sum := sha256.Sum256(raw)
		a := &asset{
			hashed:      strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:8]) + ext,
			contentType: []string{mime.TypeByExtension(ext)}, body: respond.NewBody(raw, respond.CompressBest),
		}
		all[name], all[a.hashed] = a, a
		return nil
	})
	if err != nil {
		panic(err) // the files are embedded
	}
	return all
})

// Asset sends a file that the pages load.
func Asset(c echo.Context) error {
	name := c.Param("name")
	a := assets()[name]
	if a == nil {
		return respond.ErrNoPage
	}
	control := respond.FiveMinutes
	if name == a.hashed {
		control = respond.Immutable
	}
	respond.Send(c, a.contentType, a.body, control)
	return nil
}

// Favicon sends the icon of pages without one of their own, such as JSON.
var Favicon = respond.Document(iconType, iconControl, func() []byte { return web.Favicon })

var (
	iconType    = []string{"image/x-icon"}
	iconControl = []string{"public, max-age=86400"}

	scriptType    = []string{"text/javascript; charset=utf-8"}
	scriptControl = []string{"public, max-age=3600, stale-while-revalidate=86400"} // a page uses the old script while a browser loads the new one
)

// Script sends the latest release of a script.
func Script(body []byte) echo.HandlerFunc {
	return respond.Document(scriptType, scriptControl, func() []byte { return body })
}

// PinnedScript sends a script at an address that holds its hash.
func PinnedScript(body []byte) echo.HandlerFunc {
	return respond.Document(scriptType, respond.Immutable, func() []byte { return body })
}
