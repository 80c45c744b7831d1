package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"waitboard/board"
	"waitboard/locale"
)

// getWidget sends a widget's snapshot as JSON, or as text to a request that prefers that. A client that accepts neither gets
// JSON rather than 406: most name what they like best, not all that they can read, and a browser's address bar or a
// monitor is better off with a snapshot than with an error.
func (p *public) getWidget(c echo.Context) error {
	page, ok := p.board.Page(c.Param("id"))
	if !ok {
		return errNoWidget
	}
	w, r := c.Response(), c.Request()
	h := w.Header()
	if len(p.cors.widgets) == 0 {
		h["Vary"] = varyAccept // nothing has been named before
	} else {
		vary(h, varyAccept)
	}
	if !prefersText(r.Header["Accept"]) {
		sendVariant(w, r, jsonType, &page.Plain, page.Gzip, page.CacheControl)
		return nil
	}
	// Some CDNs pass over Vary: Accept. Those must not keep a text, which they would send to a script that needs JSON;
	// JSON for a reader of text does less harm. What may be kept is at /text.
	private := []string{strings.Replace(page.CacheControl[0], "public", "private", 1)}
	text := page.Text()
	sendVariant(w, r, textType, &text, uncompressed, private)
	return nil
}

// ofWidget sends one form of a widget's snapshot. An ID that no widget could have is not told from one that none has.
func (p *public) ofWidget(contentType []string, form func(*board.Page) (plain, zipped board.Variant)) echo.HandlerFunc {
	return func(c echo.Context) error {
		page, ok := p.board.Page(c.Param("id"))
		if !ok {
			return errNoWidget
		}
		plain, zipped := form(page)
		send(c, contentType, plain, zipped, page.CacheControl)
		return nil
	}
}

// The forms of a snapshot that have an address of their own. They are too short to be worth compressing.
func asText(p *board.Page) (plain, zipped board.Variant)    { return p.Text(), none }
func asShields(p *board.Page) (plain, zipped board.Variant) { return p.Shields(), none }

// maxIDs is how many widgets can be asked for at once: more than a page shows, and few enough to be cheap.
const maxIDs = 100

// getWidgets sends the snapshots of the widgets asked for by ?id=, or of all that are listed. What does not exist, or may
// not be read by the origin that asks, is left out, so that it does not take the others down.
func (p *public) getWidgets(c echo.Context) error {
	query, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return errQuery
	}
	ids, wanted := query["id"]
	switch {
	case len(ids) > maxIDs:
		return errManyIDs
	case !wanted:
		ids = p.listed
	}
	var pages []*board.Page
	for _, id := range p.readable(ids, c.Request()) {
		if page, ok := p.board.Page(id); ok {
			pages = append(pages, page)
		}
	}
	var own *locale.Locale
	if len(pages) > 0 {
		own = pages[0].Snapshot.Locale
	}
	answer := p.join(pages, p.phrasesFor(query, own))
	c.Response().Header()["Timing-Allow-Origin"] = anyOrigin // so that the element can see by which HTTP it came
	send(c, jsonType, answer.plain, answer.zipped, answer.cacheControl)
	return nil
}

// readable are those widgets that there are and that the origin that asks may read, each once.
func (p *public) readable(ids []string, r *http.Request) (there []string) {
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if _, ok := p.board.Page(id); ok && !seen[id] && p.cors.readable(id, r) {
			seen[id] = true
			there = append(there, id)
		}
	}
	return there
}

// several is an answer that holds several pages.
type several struct {
	plain, zipped board.Variant
	cacheControl  []string
}

// join puts pages together, and phrases of a language (empty: none). The last answer of each kind is kept: many readers ask
// for the same widgets until one of them changes.
func (p *public) join(pages []*board.Page, language string) *several {
	kept := &p.last[0]
	if language != "" {
		kept = &p.last[1]
	}
	parts := make([][]byte, 0, len(pages)+2) // what the answer is made of
	maxAge := 5 * time.Second                // of an empty answer
	for i, page := range pages {
		parts = append(parts, []byte(page.Plain.ETag[0]))
		if maxAge = min(maxAge, page.MaxAge); i == 0 {
			maxAge = page.MaxAge
		}
	}
	parts = append(parts, []byte(maxAge.String()))
	var phrases []byte
	if language != "" {
		phrases = p.phrases(language)
		parts = append(parts, phrases)
	}
	tag := board.Tag(parts...)
	if last := kept.Load(); last != nil && last.plain.ETag[0] == `"`+tag+`"` {
		return last
	}
	body := []byte(`{"widgets":[`)
	for i, page := range pages {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, page.Plain.Body...)
	}
	body = append(body, ']')
	if language != "" {
		body = append(body, `,"phrases":`...)
		body = append(body, phrases...)
	}
	body = append(body, "}\n"...)
	answer := &several{plain: board.NewVariant(body, tag), cacheControl: []string{fmt.Sprintf("public, max-age=%d", maxAge/time.Second)}}
	if zipped := compress(body); len(zipped) < len(body) {
		answer.zipped = answer.plain.Zipped(zipped)
	}
	kept.Store(answer)
	return answer
}
