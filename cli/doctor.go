package cli

import (
	"errors"
	"fmt"

	"waitboard/doctor"
)

type doctorCommand struct {
	URL     string `arg:"" help:"The page to examine, on the customer's site."`
	Widget  string `placeholder:"ID" help:"The widget to examine (default: all on the page)."`
	Service string `placeholder:"URL" help:"Where the public reaches the service (default: the address in the page's snippets)."`
}

// Run prints the findings, and what to do about each.
func (c *doctorCommand) Run(i *invocation) error {
	report, err := doctor.Examine(i.ctx, doctor.Options{Page: c.URL, Widget: c.Widget, Service: c.Service})
	switch {
	case errors.Is(err, doctor.ErrAddress):
		return usageError{err}
	case err != nil:
		return errors.New(printable(err.Error()))
	}
	fmt.Fprintln(i.stdout, printable(report.Page))
	for _, f := range report.Findings {
		fmt.Fprintf(i.stdout, "  %-5s  %s\n", f.Verdict, printable(f.Text))
		if f.Do != "" {
			fmt.Fprintf(i.stdout, "         -> %s\n", printable(f.Do))
		}
	}
	if !report.Fine() {
		fmt.Fprintln(i.stdout, "\nSome widgets can't be seen.")
		return errUnfit
	}
	fmt.Fprintln(i.stdout, "\nAll widgets can be seen.")
	return nil
}
