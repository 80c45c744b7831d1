package handlers

import (
	"errors"
	"mime"
	"net/http"
	"strings"
	"time"

	"waitboard/domain"
	"waitboard/notices"
	"waitboard/templates"
)

// noticeForm is the data of templates.Notice.
type noticeForm struct {
	Widget, Text string
	Closed       bool
	Shown        bool   // there is a notice now
	End          string // of it
	For          string // the choice of how long
	Choices      []noticeChoice
	MaxLength    int
	Persistent   bool
	Problem      string // why the last attempt was refused
}

type noticeChoice struct{ For, Label string }

// keepEnd is the choice of leaving the end of a notice as it is.
const keepEnd = "keep"

var noticeChoices = []noticeChoice{
	{"30m", "30 minutes"}, {"1h", "1 hour"}, {"2h", "2 hours"}, {"4h", "4 hours"}, {"8h", "8 hours"}, {"24h", "1 day"}, {"168h", "1 week"},
	{"", "until it is taken back"},
}

// getNoticeForm sends the page on which operators set the notice of one widget. It is no part of the page of all, since that
// loads itself anew, whatever has been typed.
func (a *admin) getNoticeForm(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	n, found := a.Notices.Get(id)
	if _, known := a.Publisher.Page(id); !known && !found {
		errNoSuchWidget.write(w)
		return
	}
	form := noticeForm{Widget: id, Text: n.Text, Closed: n.Closed, For: "2h"}
	if found {
		form.For = keepEnd
	}
	a.sendForm(w, http.StatusOK, form)
}

func (a *admin) sendForm(w http.ResponseWriter, status int, form noticeForm) {
	if n, found := a.Notices.Get(form.Widget); found {
		form.Shown, form.End = true, NoticeEnd(n, a.Now())
	}
	form.Choices = noticeChoices
	if form.Shown { // correcting a text must not change its end
		form.Choices = append([]noticeChoice{{keepEnd, "as it is: ends " + form.End}}, noticeChoices...)
	}
	form.MaxLength, form.Persistent = notices.MaxLength, a.Notices.Persistent()
	a.page(w, status, templates.Notice(), form)
}

// postNotice takes what the form sends, and leads back to the page of all widgets.
func (a *admin) postNotice(w http.ResponseWriter, r *http.Request, id string) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/x-www-form-urlencoded" {
		errNotForm.write(w)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxNotice)
	if err := r.ParseForm(); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			errNoticeSize.write(w)
		} else {
			badNotice("The form can't be read.").write(w)
		}
		return
	}
	form := noticeForm{Widget: id, Text: strings.TrimSpace(r.PostForm.Get("text")), Closed: r.PostForm.Has("closed"), For: r.PostForm.Get("for")}
	var err error
	if r.PostForm.Has("remove") {
		err = a.removeNotice(r, id)
	} else {
		n := domain.Notice{Text: form.Text, Closed: form.Closed}
		switch form.For {
		case "":
		case keepEnd:
			before, _ := a.Notices.Get(id)
			n.Until = before.Until
		default:
			n.Until, err = a.endAfter(form.For)
		}
		if err == nil {
			_, err = a.setNotice(r, id, n)
		}
	}
	if err != nil {
		problem := a.problem(err)
		form.Problem = problem.detail
		a.sendForm(w, problem.status, form)
		return
	}
	w.Header().Set("Location", "../..") // from /widgets/{id}/notice, wherever a proxy has put that
	w.WriteHeader(http.StatusSeeOther)
}

// NoticeEnd says when a notice ends, for people.
func NoticeEnd(n domain.Notice, now time.Time) string {
	if n.Until.IsZero() {
		return "when it is taken back"
	}
	return "in " + n.Until.Sub(now).Round(time.Second).String() + ", at " + n.Until.UTC().Format("2006-01-02 15:04:05 UTC")
}
