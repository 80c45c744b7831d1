package handlers

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/labstack/echo/v4"

	"waitboard/board"
)

var (
	scriptType    = []string{"text/javascript; charset=utf-8"}
	scriptKept    = []string{"public, max-age=3600, stale-while-revalidate=86400"} // a page goes on with an old one while a new one is fetched
	scriptForever = []string{"public, max-age=31536000, immutable"}
)

// getScript sends a script, which caches may keep as they are told.
func getScript(script []byte, cacheControl []string) echo.HandlerFunc {
	sum := sha256.Sum256(script)
	tag := hex.EncodeToString(sum[:8])
	plain, zipped := board.NewVariant(script, tag), board.NewVariant(compressBest(script), tag+"-gzip")
	return func(c echo.Context) error {
		send(c, scriptType, plain, zipped, cacheControl)
		return nil
	}
}
