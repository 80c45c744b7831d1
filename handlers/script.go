package handlers

import (
	"github.com/labstack/echo/v4"

	"waitboard/board"
	"waitboard/web"
)

// scriptPath is where the script of the element is. web.ScriptPath is where this very one is, for those who check it by
// web.ScriptIntegrity: any other hash is an address that there is not.
const scriptPath = "/v1/widget.js"

var (
	scriptType    = []string{"text/javascript; charset=utf-8"}
	scriptKept    = []string{"public, max-age=3600, stale-while-revalidate=86400"} // a page goes on with an old one while a new one is fetched
	scriptForever = []string{"public, max-age=31536000, immutable"}
	scriptPlain   = board.NewVariant(web.Script(), web.ScriptHash())
	scriptZipped  = board.NewVariant(compressBest(web.Script()), web.ScriptHash()+"-gzip")
)

// getScript sends the script, which caches may keep as they are told.
func getScript(cacheControl []string) echo.HandlerFunc {
	return func(c echo.Context) error {
		send(c, scriptType, scriptPlain, scriptZipped, cacheControl)
		return nil
	}
}
