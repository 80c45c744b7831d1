package handlers

import "github.com/labstack/echo/v4"

var (
	scriptType    = []string{"text/javascript; charset=utf-8"}
	scriptKept    = []string{"public, max-age=3600, stale-while-revalidate=86400"} // a page goes on with an old one while a new one is fetched
	scriptForever = []string{"public, max-age=31536000, immutable"}
)

// getScript sends a script, which caches may keep as they are told.
func getScript(script []byte, cacheControl []string) echo.HandlerFunc {
	return document(scriptType, cacheControl, func() []byte { return script })
}
