package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"path"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"waitboard/publish"
	"waitboard/web"
)

// An asset is a file that our pages load.
type asset struct {
	hashed        string // its name with a hash of its content, by which caches may keep it for good
	contentType   []string
	plain, zipped publish.Variant
}

var (
	assetsControl = []string{"public, max-age=300"}
	hashedControl = []string{"public, max-age=31536000, immutable"}
)

// assets are all of them, by either name.
var assets = sync.OnceValue(func() map[string]*asset {
	all := map[string]*asset{}
	err := fs.WalkDir(web.Assets, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := fs.ReadFile(web.Assets, file)
		if err != nil {
			return err
		}
		name := path.Base(file)
		sum := sha256.Sum256(body)
		hash, ext := hex.EncodeToString(sum[:8]), path.Ext(name)
		a := &asset{
			hashed: strings.TrimSuffix(name, ext) + "." + hash + ext, contentType: []string{mime.TypeByExtension(ext)},
		}
		a.plain, a.zipped = variants(body, compressBest)
		all[name], all[a.hashed] = a, a
		return nil
	})
	if err != nil {
		panic(err) // they are a part of the program
	}
	return all
})

// getAsset sends a file that our pages load.
func (p *public) getAsset(c echo.Context) error {
	name := c.Param("name")
	a := assets()[name]
	if a == nil {
		return errNoPage
	}
	control := assetsControl
	if name == a.hashed {
		control = hashedControl
	}
	send(c, a.contentType, a.plain, a.zipped, control)
	return nil
}
