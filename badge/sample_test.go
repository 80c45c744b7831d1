package badge

import (
	"testing"
	"time"

	"waitboard/domain"
	"waitboard/locale"
)

var (
	noon   = time.Date(2026, 11, 23, 12, 0, 5, 0, time.UTC)
	denver = &domain.Hours{Zone: time.FixedZone("MST", -7*60*60), Weekly: [7][]domain.Span{time.Monday: {{From: 0, To: 1440}}}}
)

const minute = 60_000. // milliseconds

// words are texts of a company in its language.
type words struct{ title, wait, calls, agents, notice string }

var written = map[string]words{
	"en":      {"Customer support", "Current wait time", "Calls in queue", "Longest call today", "Storm damage: many people are calling. You can reach us by e-mail, too, and we answer within a day."},
	"de":      {"Kundendienst", "Aktuelle Wartezeit", "Anrufe in der Warteschlange", "Längstes Gespräch heute", "Sturmschäden: Es rufen sehr viele an. Sie erreichen uns auch per E-Mail; wir antworten innerhalb eines Tages."},
	"fr":      {"Service client", "Temps d’attente actuel", "Appels en attente", "Appel le plus long", "Nous recevons beaucoup d’appels."},
	"ar":      {"خدمة العملاء", "وقت الانتظار الحالي", "المكالمات في الانتظار", "أطول مكالمة اليوم", "نتلقى الكثير من المكالمات اليوم، ويمكنكم مراسلتنا عبر البريد الإلكتروني."},
	"ar-EG":   {"خدمة العملاء", "وقت الانتظار الحالي", "المكالمات في الانتظار", "أطول مكالمة اليوم", "نتلقى الكثير من المكالمات اليوم"},
	"he":      {"שירות לקוחות", "זמן המתנה נוכחי", "שיחות בתור", "השיחה הארוכה היום", "יש עומס חריג על הקווים. אפשר לפנות אלינו גם בדואר אלקטרוני."},
	"ja":      {"お客様サポート", "現在の待ち時間", "待機中の通話", "本日の最長通話", "現在、お電話が大変混み合っております。メールでのお問い合わせもご利用ください。"},
	"zh-Hans": {"客户支持", "当前等待时间", "排队来电", "今日最长通话", "目前来电较多，您也可以通过电子邮件与我们联系。"},
}

// A situation is a state of a widget.
type situation struct {
	name    string
	metrics int
	hours   *domain.Hours
	notice  bool // of an operator
	closed  bool // by an operator
	after   time.Duration
	nothing bool // no poll has succeeded yet
	typical bool // the wait has history
}

var situations = []situation{
	{name: "open", metrics: 2},
	{name: "single", metrics: 1, hours: denver},
	{name: "many", metrics: 4},
	{name: "notice", metrics: 2, notice: true},
	{name: "single-notice", metrics: 1, notice: true},
	{name: "stale", metrics: 2, after: 2 * time.Minute},
	{name: "closed", metrics: 2, hours: &domain.Hours{Zone: time.UTC, Weekly: [7][]domain.Span{time.Thursday: {{From: 480, To: 600}}}}},
	{name: "closed-notice", metrics: 1, notice: true, hours: &domain.Hours{Zone: time.UTC, Weekly: [7][]domain.Span{time.Thursday: {{From: 480, To: 600}}}}},
	{name: "closed-by-notice", metrics: 2, notice: true, closed: true},
	{name: "unavailable", metrics: 2, after: 2 * time.Hour},
	{name: "initializing", metrics: 4, nothing: true},
	{name: "typical", metrics: 2, typical: true},
	{name: "single-typical", metrics: 1, typical: true},
	{name: "unavailable-typical", metrics: 1, typical: true, after: 2 * time.Hour},
}

// cardOf returns a card as the publisher does.
func cardOf(t testing.TB, tag string, in situation) Card {
	t.Helper()
	l, err := locale.New(tag, nil)
	if err != nil {
		t.Fatal(err)
	}
	said := written[tag]
	levels := domain.Levels{Kind: domain.Duration, Moderate: 10 * minute, High: 30 * minute}
	metric := func(id, label string) domain.WidgetMetric {
		return domain.WidgetMetric{ID: id, Label: label, Ref: domain.Ref{Source: "hq", Metric: id}}
	}
	all := []domain.WidgetMetric{metric("wait", said.wait), metric("calls", said.calls), metric("longest", said.agents), metric("team", "Team <b>\u202eA&B</b>")}
	all[0].Levels = levels
	all[2].Levels = levels
	all[2].Display = domain.Display{Kind: domain.Duration, Buckets: []float64{5 * minute, 90 * minute}}
	w := domain.Widget{ID: "support", Title: said.title, Locale: l, StaleAfter: time.Minute, HideAfter: time.Hour, RefreshAfter: 10 * time.Second,
		Hours: in.hours, Metrics: all[:in.metrics]}
	confirmed := func(r domain.Reading) domain.Observation {
		return domain.Observation{Confirmed: noon, Complete: noon, Kind: r.Kind, Samples: map[string]domain.Sample{"": {Reading: r, Confirmed: noon}}}
	}
	known := domain.Inputs{Observed: []domain.Observation{
		confirmed(domain.Line(14*time.Minute, 0, noon)), confirmed(domain.CountOf(3)), confirmed(domain.Line(time.Hour, 0, noon)), confirmed(domain.TextOf("Ada & Grace")),
	}[:in.metrics]}
	if in.typical {
		all[0].History = domain.History{Keep: time.Hour, MinWeeks: 3, Alone: true}
		week := &domain.TypicalWeek{Kind: domain.Duration}
		for hour := range week.Hours {
			week.Hours[hour] = domain.TypicalHour{Low: 3 * minute, High: 6 * minute, Weeks: 3}
		}
		known.Typical = []*domain.TypicalWeek{week}
	}
	if in.nothing {
		known.Observed = make([]domain.Observation, in.metrics)
	}
	if in.notice {
		known.Notice = domain.Notice{Text: said.notice, Closed: in.closed}
	}
	s, _ := w.At(known, noon.Add(in.after))
	return Of(&w, &s, said.title+": …")
}
