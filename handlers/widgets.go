package handlers

import (
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"waitboard/locale"
	"waitboard/publish"
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
		sendVariant(w, r, jsonType, &page.Plain, page.Gzip, p.cacheControl(page).public)
		return nil
	}
	// Some CDNs pass over Vary: Accept. Those must not keep a text, which they would send to a script that needs JSON;
	// JSON for a reader of text does less harm. What may be kept is at /text.
	text := page.Text()
	sendVariant(w, r, textType, &text, uncompressed, p.cacheControl(page).private)
	return nil
}

// getText sends a widget's snapshot as one line of text.
func (p *public) getText(c echo.Context) error {
	page, ok := p.board.Page(c.Param("id"))
	if !ok {
		return errNoWidget
	}
	send(c, textType, page.Text(), none, p.cacheControl(page).public) // too short to be worth compressing
	return nil
}

// getShields sends a widget's snapshot as a badge for shields.io's endpoint.
func (p *public) getShields(c echo.Context) error {
	page, ok := p.board.Page(c.Param("id"))
	if !ok {
		return errNoWidget
	}
	control := p.cacheControl(page)
	keep := control.of.fresh == publish.Fresh(&page.Snapshot)
	send(c, jsonType, page.Shields(keep), none, control.public)
	return nil
}

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
	var pages []*publish.Page
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
	control := p.controls.of(shortest(pages, p.now())).public
	c.Response().Header()["Timing-Allow-Origin"] = anyOrigin // so that the element can see by which HTTP it came
	send(c, jsonType, answer.plain, answer.zipped, control)
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

// shortest returns how long an answer may be kept that holds pages: as long as the one that may be kept for the shortest time.
func shortest(pages []*publish.Page, now time.Time) lifetime {
	out := lifetime{fresh: 5 * time.Second} // of an empty answer
	for i, page := range pages {
		if l := lifetimeOf(&page.Snapshot, now); i == 0 || l.fresh < out.fresh {
			out.fresh = l.fresh
		}
	}
	return out
}

// several is an answer that holds several pages.
type several struct{ plain, zipped publish.Variant }

// join puts pages together, and phrases (nil: none). The last answer of each kind is kept: many readers ask
// for the same widgets until one of them changes.
func (p *public) join(pages []*publish.Page, phrases []byte) *several {
	kept := &p.last[0]
	if phrases != nil {
		kept = &p.last[1]
	}
	parts := make([][]byte, 0, len(pages)+2) // what the answer is made of
	for _, page := range pages {
		parts = append(parts, []byte(page.Plain.ETag[0]))
	}
	if phrases != nil {
		parts = append(parts, phrases)
	}
	tag := publish.Tag(parts...)
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
	if phrases != nil {
		body = append(body, `,"phrases":`...)
		body = append(body, phrases...)
	}
	body = append(body, "}\n"...)
	answer := &several{plain: publish.NewVariant(body, tag)}
	if zipped := publish.Compress(body); len(zipped) < len(body) {
		answer.zipped = answer.plain.Zipped(zipped)
	}
	kept.Store(answer)
	return answer
}
