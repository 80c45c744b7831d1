package admin

import (
	"cmp"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"waitboard/domain"
	"waitboard/notices"
	"waitboard/templates"
)

// noticeForm is the data of templates.Notice.
type noticeForm struct {
	Widget, Text string
	Title        string
	Page         string // address of the public page; empty: none
	Closed       bool
	Shown        bool   // the widget has a notice
	From         string // when it begins, as the browser writes it; empty: at once
	Zone         string // of From
	End          string // of the current notice
	For          string // the chosen duration
	Choices      []noticeChoice
	MaxLength    int
	Persistent   bool
	Others       []otherWidget
	Problem      string // why the last attempt was rejected
}

type noticeChoice struct{ For, Label string }

// otherWidget is a widget that can get the same notice.
type otherWidget struct {
	ID, Title string
	Chosen    bool
	Notice    bool // it has another notice
}

// sameEnd is the choice that leaves the end of a notice unchanged.
const sameEnd = "same"

var noticeChoices = []noticeChoice{
	{"30m", "30 minutes"}, {"1h", "1 hour"}, {"2h", "2 hours"}, {"4h", "4 hours"}, {"8h", "8 hours"}, {"24h", "1 day"}, {"168h", "1 week"},
	{"", "until you remove it"},
}

// getNoticeForm sends the form for a notice on several widgets. The dashboard has a form for each single one.
func (a *admin) getNoticeForm(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	n, found := a.Notices.Get(id)
	if _, exists := a.Publisher.Page(id); !exists && !found {
		errNoWidget.Send(w, r)
		return
	}
	form := noticeForm{Widget: id, Text: n.Text, Closed: n.Closed, For: "2h"}
	var also []string
	if found {
		form.For = sameEnd
		if n.From.After(a.Now()) {
			form.From = n.From.In(a.zone(id)).Format(localTime)
		}
		for other, same := range a.Notices.All() {
			if same.Text == n.Text && same.Closed == n.Closed {
				also = append(also, other)
			}
		}
	}
	a.sendForm(w, http.StatusOK, form, also)
}

// sendForm completes and sends a form. also are the IDs of other widgets that are chosen.
func (a *admin) sendForm(w http.ResponseWriter, status int, form noticeForm, also []string) {
	form.Title = form.Widget
	all, zone := a.Notices.All(), a.zone(form.Widget)
	form.Zone = zone.String()
	for _, widget := range a.State().Widgets {
		title := cmp.Or(widget.Title, widget.ID)
		if widget.ID == form.Widget {
			form.Title, form.Page = title, widget.Page
		} else if _, exists := a.Publisher.Page(widget.ID); exists {
			other := otherWidget{ID: widget.ID, Title: title, Chosen: slices.Contains(also, widget.ID)}
			_, found := all[widget.ID]
			other.Notice = found && !other.Chosen
			form.Others = append(form.Others, other)
		}
	}
	if n, found := a.Notices.Get(form.Widget); found {
		form.Shown, form.End = true, noticeEnd(n, a.Now(), zone)
	}
	form.Choices = noticeChoices
	if form.Shown { // correcting a text must not change its end
		form.Choices = append([]noticeChoice{{sameEnd, "unchanged: " + form.End}}, noticeChoices...)
	}
	form.MaxLength, form.Persistent = notices.MaxLength, a.Notices.Persistent()
	sendPage(w, status, templates.Notice(), form)
}

// postNotice handles the form, and redirects to the dashboard.
func (a *admin) postNotice(w http.ResponseWriter, r *http.Request, id string) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/x-www-form-urlencoded" {
		errNotForm.Send(w, r)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			errNoticeSize.Send(w, r)
		} else {
			badNotice("The form is malformed.").Send(w, r)
		}
		return
	}
	form := noticeForm{
		Widget: id, Text: strings.TrimSpace(r.PostForm.Get("text")), Closed: r.PostForm.Has("closed"), For: r.PostForm.Get("for"), From: r.PostForm.Get("from"),
	}
	also := r.PostForm["also"]
	ids := append([]string{id}, also...)
	err := a.exist(also)
	switch {
	case err != nil:
	case r.PostForm.Has("remove"):
		err = each(ids, func(id string) error { return a.removeNotice(r, id) })
	default:
		n := domain.Notice{Text: form.Text, Closed: form.Closed}
		n.From, err = a.begin(form.From, id)
		switch form.For {
		case "":
		case sameEnd:
			before, _ := a.Notices.Get(id)
			n.Until = before.Until
		default:
			var wrong error
			n.Until, wrong = endAfter(later(a.Now(), n.From), form.For)
			err = cmp.Or(err, wrong)
		}
		if err == nil {
			err = each(ids, func(id string) error {
				_, err := a.setNotice(r, id, n)
				return err
			})
		}
	}
	if err != nil {
		problem := a.problem(err)
		form.Problem = problem.Detail
		a.sendForm(w, problem.Status, form, also)
		return
	}
	w.Header().Set("Location", "../.."+back(r.PostForm, id)) // relative to /widgets/{id}/notice, because a proxy may add a path prefix
	w.WriteHeader(http.StatusSeeOther)
}

// localTime is how browsers write a day and a time of it.
const localTime = "2006-01-02T15:04"

// begin returns when a notice begins; zero: at once.
func (a *admin) begin(text, widget string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(localTime, text, a.zone(widget))
	switch {
	case err != nil:
		return t, badNotice("The start must be a day and a time, such as 2026-11-24T08:00.")
	case !t.After(a.Now()):
		return time.Time{}, nil
	}
	return t, nil
}

// zone returns the zone of a widget's times.
func (a *admin) zone(widget string) *time.Location {
	for _, w := range a.State().Widgets {
		if w.ID == widget {
			return location(w.Zone)
		}
	}
	return time.UTC
}

// exist returns a problem if one of the widgets doesn't exist.
func (a *admin) exist(ids []string) error {
	for _, id := range ids {
		if _, exists := a.Publisher.Page(id); !exists {
			return errNoWidget
		}
	}
	return nil
}

// each calls change for each ID, until one fails.
func each(ids []string, change func(id string) error) error {
	for _, id := range ids {
		if err := change(id); err != nil {
			return err
		}
	}
	return nil
}

// back returns the query and fragment of the dashboard that a form came from; empty: it came from the page of the notice.
func back(form url.Values, id string) string {
	if !form.Has("view") {
		return ""
	}
	view, _ := url.ParseQuery(form.Get("view")) // what can't be read is dropped
	return "/?" + view.Encode() + "#widget-" + url.PathEscape(id)
}

// noticeEnd describes when a notice begins, if it has not, and when it ends.
func noticeEnd(n domain.Notice, now time.Time, zone *time.Location) string {
	ends := "ends "
	if n.From.After(now) {
		ends = "begins " + at(n.From, now, zone) + ", ends "
	}
	if n.Until.IsZero() {
		return ends + "when you remove it"
	}
	return ends + "in " + span(n.Until.Sub(now)) + ", at " + at(n.Until, now, zone)
}

// location returns the zone of a name.
func location(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}
