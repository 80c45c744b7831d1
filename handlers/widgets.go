package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"waitboard/handlers/respond"
	"waitboard/locale"
	"waitboard/publish"
)

// maxIDs is how many widgets a request can name: more than a page shows, and few enough to be cheap.
const maxIDs = 100

var errManyIDs = respond.NewProblem(http.StatusBadRequest, "too_many_ids", "A request can name at most "+strconv.Itoa(maxIDs)+" widgets.")

// page returns the page of the widget that the path names, and counts the request.
func (p *public) page(c echo.Context) (*publish.Page, error) {
	if page, ok := p.Publisher.Current(c.Param("id")); ok {
		p.asked(page.Snapshot.ID)
		return page, nil
	}
	return nil, respond.ErrNoWidget
}

// getWidget sends a widget's snapshot as JSON, or as text to a client that prefers it. A client that accepts neither gets
// JSON rather than 406, because Accept rarely lists everything that a client can read.
func (p *public) getWidget(c echo.Context) error {
	page, err := p.page(c)
	if err != nil {
		return err
	}
	w, r := c.Response(), c.Request()
	if p.CatchUp != nil {
		page = p.caughtUp(page, r)
	}
	if h := w.Header(); len(p.cors.widgets) == 0 {
		h["Vary"] = respond.VaryAccept // CORS adds none
	} else {
		respond.Vary(h, respond.VaryAccept)
	}
	control := p.caching.Page(page)
	if known := r.Header["If-None-Match"]; p.CatchUp != nil && len(known) == 1 && page.Outdated(known[0], p.Now()) {
		// The client has a newer page of another replica, and the engine of the cluster does not answer.
		w.Header()["Etag"], w.Header()["Cache-Control"] = known, control.Public
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	if !respond.PrefersText(r.Header["Accept"]) {
		respond.SendVariant(w, r, respond.TypeJSON, &page.Plain, page.Gzip, control.Public)
		return nil
	}
	// Some CDNs ignore Vary: Accept. They must not store a text, and send it to a script that needs JSON.
	text := page.Text()
	respond.SendVariant(w, r, respond.TypeText, &text, respond.Uncompressed, control.Private)
	return nil
}

// maxCatchUp is the longest that a request waits for readings that its client has seen already.
const maxCatchUp = 100 * time.Millisecond

// caughtUp returns a page, or a newer one if the client has seen a newer one on another replica. So no client sees an older page.
func (p *public) caughtUp(page *publish.Page, r *http.Request) *publish.Page {
	known := r.Header["If-None-Match"]
	if len(known) != 1 || !page.Behind(known[0]) {
		return page
	}
	p.catchUp(r, []string{page.Snapshot.ID})
	if newer, ok := p.Publisher.Current(page.Snapshot.ID); ok {
		return newer
	}
	return page
}

// catchUp shows the newest readings of all replicas.
func (p *public) catchUp(r *http.Request, widgets []string) {
	ctx, cancel := context.WithTimeout(r.Context(), maxCatchUp)
	defer cancel()
	p.CatchUp(ctx, widgets)
}

// getText sends a widget's snapshot as one line of text.
func (p *public) getText(c echo.Context) error {
	page, err := p.page(c)
	if err != nil {
		return err
	}
	respond.Send(c, respond.TypeText, respond.Body{Plain: page.Text()}, p.caching.Page(page).Public)
	return nil
}

// getShields sends a widget's snapshot as a badge for shields.io's endpoint.
func (p *public) getShields(c echo.Context) error {
	page, err := p.page(c)
	if err != nil {
		return err
	}
	control := p.caching.Page(page)
	respond.Send(c, respond.TypeJSON, respond.Body{Plain: page.Shields(control.Fresh(page))}, control.Public)
	return nil
}

// getWidgets sends the snapshots of the widgets that ?id= names, or of all listed ones. It leaves out widgets that don't
// exist or that the request's origin may not read, so that they don't affect the others, and names them in missing.
func (p *public) getWidgets(c echo.Context) error {
	query, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return respond.ErrQuery
	}
	ids, named := namedIDs(query)
	switch {
	case len(ids) > maxIDs:
		return errManyIDs
	case !named:
		ids = p.listed
	}
	readable, missing := p.readable(ids, c.Request())
	if !named {
		missing = nil
	}
	p.countSeveral(c.Request(), readable, missing)
	found := p.current(readable)
	if named {
		for _, page := range found {
			p.asked(page.Snapshot.ID)
		}
	}
	var own *locale.Locale
	if len(found) > 0 {
		own = found[0].Snapshot.Locale
	}
	phrases := p.phrasesFor(query, own)
	body := p.join(found, missing, phrases)
	known := c.Request().Header["If-None-Match"]
	if p.CatchUp != nil && len(known) == 1 && publish.Behind(known[0], body.Plain.ETag[0]) {
		p.catchUp(c.Request(), readable)
		found = p.current(readable)
		body = p.join(found, missing, phrases)
	}
	c.Response().Header()["Timing-Allow-Origin"] = anyOrigin // lets the element see the HTTP version
	respond.Send(c, respond.TypeJSON, *body, p.caching.Pages(found).Public)
	return nil
}

// namedIDs returns the widgets that ?id= names: ?id=a&id=b and ?id=a,b are the same. The empty ID counts as none.
func namedIDs(query url.Values) (ids []string, named bool) {
	values, named := query["id"]
	for _, value := range values {
		for id := range strings.SplitSeq(value, ",") {
			if id = strings.TrimSpace(id); id != "" {
				ids = append(ids, id)
			}
		}
	}
	return ids, named
}

// readable returns the widgets that exist and that the request's origin may read, without duplicates, and the other IDs.
func (p *public) readable(ids []string, r *http.Request) (found, missing []string) {
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		if _, ok := p.Publisher.Page(id); ok && p.cors.readable(id, r) {
			found = append(found, id)
		} else {
			missing = append(missing, id)
		}
	}
	return found, missing
}

// current returns the pages of widgets.
func (p *public) current(ids []string) (all []*publish.Page) {
	for _, id := range ids {
		if page, ok := p.Publisher.Current(id); ok {
			all = append(all, page)
		}
	}
	return all
}

// join returns a list of pages, the IDs without a page, and phrases unless they are nil. It stores the last list of either
// kind, because many clients read the same widgets.
func (p *public) join(all []*publish.Page, missing []string, phrases []byte) *respond.Body {
	stored := &p.joined[0]
	if phrases != nil {
		stored = &p.joined[1]
	}
	parts := make([][]byte, 0, len(all)+2)
	times := int64(0) // their sum grows with each of them
	for _, page := range all {
		parts = append(parts, []byte(page.Plain.ETag[0]))
		if at := page.Snapshot.ObservedAt; !at.IsZero() {
			times += at.UnixMilli()
		}
	}
	var absent []byte
	if missing != nil {
		absent, _ = json.Marshal(missing) // strings never fail
		parts = append(parts, absent)
	}
	if phrases != nil {
		parts = append(parts, phrases)
	}
	tag := publish.Stamped(publish.Tag(parts...), times)
	if last := stored.Load(); last != nil && last.Plain.ETag[0] == `"`+tag+`"` {
		return last
	}
	raw := []byte(`{"widgets":[`)
	for i, page := range all {
		if i > 0 {
			raw = append(raw, ',')
		}
		raw = append(raw, page.Plain.Body...)
	}
	raw = append(raw, ']')
	if absent != nil {
		raw = append(raw, `,"missing":`...)
		raw = append(raw, absent...)
	}
	if phrases != nil {
		raw = append(raw, `,"phrases":`...)
		raw = append(raw, phrases...)
	}
	raw = append(raw, "}\n"...)
	body := respond.TaggedBody(raw, tag)
	stored.Store(&body)
	return &body
}
