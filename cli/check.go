package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"waitboard/app"
	"waitboard/config"
	"waitboard/domain"
	"waitboard/internal/listening"
	"waitboard/poller"
)

type checkCommand struct {
	configFlag
	Patience time.Duration `default:"20s" help:"How long to wait for values that are still initializing (default: ${default})."`
	SendTest bool          `help:"Also send a test message to each webhook."`
}

func (c *checkCommand) Run(i *invocation) error {
	if c.Patience <= 0 {
		return usageError{errors.New("--patience: must be more than 0")}
	}
	cfg, err := c.load(i)
	if err != nil {
		return err
	}
	result, err := app.Check(i.ctx, cfg, c.Patience)
	if err != nil {
		return err
	}
	printFiles(i.stdout, result.Files)
	printCheck(i.stdout, cfg, result)
	if result.Cluster != "" {
		fmt.Fprintf(i.stdout, "\ncluster: %s\n", result.Cluster)
	}
	hooksFit := printWebhooks(i, cfg, c.SendTest)
	printTaken(i.stdout, cfg)
	remarks := printRemarks(i.stdout, cfg, result)
	if !result.Fit() || !hooksFit {
		printRest(i.stdout, cfg, result)
		fmt.Fprintln(i.stdout, "\nNot fit to serve.")
		return errUnfit
	}
	verdict := "Fit to serve."
	if remarks {
		verdict = "Fit to serve, apart from the remarks above."
	}
	fmt.Fprintln(i.stdout, "\n"+verdict)
	return nil
}

// printRemarks prints what no table has a place for. It reports whether the operator should change something that does not keep the
// configuration from serving.
func printRemarks(w io.Writer, cfg *config.Config, result app.CheckResult) (remarks bool) {
	hints := cfg.Notes
	for _, s := range cfg.Sources {
		hints = append(slices.Clip(hints), s.Notes...)
	}
	for _, w := range cfg.Webhooks {
		hints = append(slices.Clip(hints), w.Notes...)
	}
	for _, p := range hints {
		fmt.Fprintf(w, "\nNote: %s\n", p)
	}
	for _, s := range result.Sources {
		remarks = remarks || slices.ContainsFunc(s.Report.Metrics, isSum)
	}
	printClosed(w, result.Closed)
	if result.Clock != "" {
		fmt.Fprintf(w, "\ncluster: %s\n", result.Clock)
		remarks = true
	}
	if result.DataDir != nil {
		fmt.Fprintf(w, "\ndata_dir: %v. Nothing would survive a restart.\n", result.DataDir)
	}
	switch {
	case !result.Empty():
	case !slices.ContainsFunc(result.Sources, func(s app.CheckedSource) bool { return s.Report.Failure == nil }):
		fmt.Fprintln(w, "\nNothing can be shown: the polls of all sources fail. The table above has the causes.")
	default:
		fmt.Fprintln(w, "\nNothing can be shown: no metric has a value now. The notes above say why; if nobody waits or works now, check again later.")
	}
	return remarks
}

// printClosed prints which widgets are closed now. The values above are those of an open widget.
func printClosed(w io.Writer, all []app.ClosedWidget) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintln(w, "\nNote: closed now by hours, so visitors see no values yet:")
	for _, c := range all {
		opens := "not within a year"
		if !c.Opens.IsZero() {
			opens = c.Opens.Format("Mon 2006-01-02 15:04 MST")
		}
		fmt.Fprintf(w, "  %s, opens %s\n", c.ID, opens)
	}
}

// isSum reports whether a metric's duration is a sum of waits. One wait counts up by a second each second.
func isSum(r poller.MetricReport) bool { return r.Rate > 1 }

// printFiles prints the state of each included file.
func printFiles(w io.Writer, all []config.FileState) {
	if len(all) == 0 {
		return
	}
	files := newTable(w, "FILE", "STATE")
	for _, f := range all {
		state := "ok"
		if f.Problems != nil {
			state = "can't be used, serve skips it"
		}
		files.row(f.Name, state)
	}
	files.print()
	for _, f := range all {
		for _, p := range f.Problems {
			fmt.Fprintln(w, p)
		}
	}
	fmt.Fprintln(w)
}

// printRest lists the widgets that are served although files or other sources fail.
func printRest(w io.Writer, cfg *config.Config, result app.CheckResult) {
	failing := map[string]bool{}
	trouble := slices.ContainsFunc(cfg.Included, func(f config.FileState) bool { return f.Problems != nil })
	for _, s := range result.Sources {
		failing[s.Name] = s.Report.Failure != nil
		trouble = trouble || failing[s.Name]
	}
	var served []string
	for _, widget := range cfg.Widgets {
		if !slices.ContainsFunc(widget.Metrics, func(m config.WidgetMetric) bool { return failing[m.Source] }) {
			served = append(served, widget.ID)
		}
	}
	if trouble && len(served) > 0 {
		fmt.Fprintf(w, "\nServed anyway: %s\n", strings.Join(served, ", "))
	}
}

// printCheck prints the state of each source. For each metric it prints the private value next to what the public would see.
func printCheck(w io.Writer, cfg *config.Config, result app.CheckResult) {
	sources := newTable(w, "SOURCE", "STATE", "METRICS", "UPDATES")
	reports := map[domain.Ref]poller.MetricReport{}
	silent := map[string]bool{}
	keys := map[string]string{}
	for _, s := range cfg.Sources {
		keys[s.Name] = s.KeyFrom
	}
	for _, s := range result.Sources {
		found := 0
		for _, m := range s.Report.Metrics {
			reports[domain.Ref{Source: s.Name, Metric: m.Want.Metric}] = m
			if m.Problem == "" {
				found++
			}
		}
		state, metrics, updates := "ok", fmt.Sprintf("%d of %d found", found, len(s.Report.Metrics)), s.Report.Subscription.String()
		if silent[s.Name] = s.Report.Failure != nil; silent[s.Name] {
			state, metrics, updates = s.Report.Failure.Error(), "-", "-"
			if s.Report.Failure.Cause == domain.Unauthorized {
				state += " (" + keys[s.Name] + ")"
			}
		}
		sources.row(s.Name, state, metrics, updates)
	}
	sources.print()
	fmt.Fprintln(w)
	metrics := newTable(w, "WIDGET.METRIC", "UPSTREAM METRIC", "CATEGORIES", "PRIVATE VALUE", "PUBLIC VALUE", "NOTE")
	for n, widget := range cfg.Widgets {
		row := 0 // of the private values
		for k, m := range widget.Metrics {
			name, shown := widget.ID+"."+m.ID, result.Public[n].Metrics[k]
			if m.Estimate != nil {
				metrics.row(name, "estimate", "", "", publicly(shown), cmp.Or(result.Misfits[name], "learned while waitboard serves"))
			}
			for _, in := range m.Inputs() {
				report, private, public := reports[domain.Ref{Source: in.Source, Metric: in.Metric}], result.Private[n].Metrics[row], publicly(shown)
				if row++; m.Estimate != nil {
					shown, public = private, "-"
				}
				remark := "its source fails"
				if !silent[in.Source] {
					remark = remarkOn(in, report, shown, result.Misfits[widget.ID+"."+in.ID])
				}
				metrics.row(widget.ID+"."+in.ID, upstreamName(in, report), categoryNames(in, report), exactly(private), public, remark)
			}
		}
	}
	metrics.print()
}

// remarkOn returns what an operator should know of a metric.
func remarkOn(m config.WidgetMetric, r poller.MetricReport, shown domain.Shown, misfit string) string {
	remark := cmp.Or(misfit, note(m, r, shown))
	if isSum(r) {
		remark = strings.TrimPrefix(remark+"; ", "; ") + fmt.Sprintf("counts up by %.4g seconds a second: a sum of several waits, not one wait", r.Rate)
	}
	return remark
}

// printTaken prints the addresses that are in use. They do not make check fail: the service itself may run there.
func printTaken(w io.Writer, cfg *config.Config) {
	for _, each := range []struct{ key, address string }{{"listen", cfg.Listen}, {"admin", cfg.Admin}} {
		if each.address == "" {
			continue
		}
		listener, err := listening.TCP(each.address)
		switch {
		case err == nil:
			_ = listener.Close()
		case errors.Is(err, syscall.EADDRINUSE):
			fmt.Fprintf(w, "\nNote: %s: %s is in use. Unless waitboard itself uses it, serve will not start.\n", each.key, each.address)
		default:
			fmt.Fprintf(w, "\nNote: %s: %v. serve will not start on this machine.\n", each.key, err)
		}
	}
}

func upstreamName(m config.WidgetMetric, r poller.MetricReport) string {
	if r.Info.ID == "" {
		return m.Metric
	}
	return r.Info.ID + " " + r.Info.Name
}

func categoryNames(m config.WidgetMetric, r poller.MetricReport) string {
	if m.Categories == nil && r.Info.CategoryType == "NONE" {
		return "-"
	}
	if m.Categories == nil {
		return "all; " + m.Combine
	}
	names := strings.Join(m.Categories, ", ")
	if len(m.Categories) > 1 || m.Combine == "count" {
		names += "; " + m.Combine
	}
	return names
}

// exactly returns a value as the phone system has it.
func exactly(m domain.Shown) string {
	if m.Value.Kind == domain.Duration {
		return m.Value.Duration.Round(time.Second).String()
	}
	return m.Text
}

// publicly returns the text and the level that visitors see.
func publicly(m domain.Shown) string {
	if m.Level == "" {
		return m.Text
	}
	return m.Text + ", " + string(m.Level)
}

// quoteNextTo quotes a name. If it looks like another one, it has escapes that show the difference and are valid in YAML.
func quoteNextTo(name, other string) string {
	if looksLike(name, other) && name != other {
		return strconv.QuoteToASCII(name)
	}
	return strconv.Quote(name)
}

// looksLike reports whether two names look the same to people.
func looksLike(a, b string) bool { return domain.Lookalike(a) == domain.Lookalike(b) }

// note returns what is wrong with a metric or why it has no value, and what may have been meant.
func note(m config.WidgetMetric, r poller.MetricReport, shown domain.Shown) string {
	missing := slices.DeleteFunc(slices.Clone(r.Missing), func(name string) bool { return !slices.Contains(m.Categories, name) }) // others are another widget's
	switch {
	case r.Problem != "":
		var near []string
		for _, info := range r.Near() {
			near = append(near, info.ID+" "+quoteNextTo(info.Name, m.Metric))
		}
		if len(near) > 0 {
			return r.Problem + ". Near: " + strings.Join(near, ", ")
		}
		return r.Problem
	case len(missing) > 0:
		var alike []string
		for _, category := range r.Categories {
			if slices.ContainsFunc(missing, func(name string) bool { return looksLike(category, name) }) {
				alike = append(alike, strconv.QuoteToASCII(category))
			}
		}
		if len(alike) > 0 { // several, or else it would be chosen
			return fmt.Sprintf("no category value is exactly %s. These look like it, with other spaces or encodings of accents: %s", strings.Join(missing, ", "), strings.Join(alike, ", "))
		}
		there := cmp.Or(strings.Join(r.Categories, ", "), "none; leave category out")
		return fmt.Sprintf("no category value %s. There are: %s", strings.Join(missing, ", "), there)
	case r.Initializing > 0:
		return fmt.Sprintf("%d still initializing", r.Initializing)
	case r.Untried:
		return "not requested in time; try again with more --patience"
	case shown.Present():
		return ""
	case r.Unexpected != "":
		return "upstream sends " + r.Unexpected
	case shown.Kind != domain.None:
		return "hidden now by its display or its age"
	case len(r.Categories) > 1:
		return "no value now, or values that " + m.Combine + " can't combine"
	}
	return "no value now"
}
