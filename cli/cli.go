// Package cli is the command line. One file for each command parses its arguments, calls other packages, and prints.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"waitboard/config"
	"waitboard/internal/listening"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // the work failed, check found the configuration unfit, or doctor found a widget that can't be seen
	exitUsage  = 2 // the arguments or the configuration file are wrong
)

// commands holds all commands.
type commands struct {
	Demo     demoCommand     `cmd:"" help:"Try it: run the service with a simulated phone system. Needs nothing. Every number is invented."`
	Serve    serveCommand    `cmd:"" help:"Run the service. A changed configuration takes effect automatically, or on SIGHUP."`
	Check    checkCommand    `cmd:"" help:"Validate the configuration file, poll each source, and print what the public would see."`
	Discover discoverCommand `cmd:"" help:"List what a key may read, and print a configuration to start from."`
	Snippet  snippetCommand  `cmd:"" help:"Print the HTML to paste, for each kind of embed."`
	Doctor   doctorCommand   `cmd:"" help:"Examine a web page with a widget, and report what keeps the widget from being seen."`
	History  historyCommand  `cmd:"" help:"Export or import what a running service remembers of a metric."`
	Ready    readyCommand    `cmd:"" help:"Check whether a running service is ready for traffic, as health checks do."`
	Simulate simulateCommand `cmd:"" help:"Run the simulated phone system alone."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

// An invocation holds what a command runs with.
type invocation struct {
	ctx            context.Context
	env            func(string) (string, bool)
	stdout, stderr io.Writer
}

const description = `Waitboard shows a company's phone wait times on its public website.

It reads them from Xima's Chronicall or CCaaS. It publishes what the company chooses to show, and never the key.

Exit codes: 0 done, 1 failed, 2 wrong arguments or a wrong configuration file.`

const firstHelp = `waitboard shows a company's phone wait times on its public website.

Try it now, without any phone system:   waitboard demo
All commands:                           waitboard --help
`

// Run executes the command line and returns the exit code. It returns soon after ctx is done.
func Run(ctx context.Context, args []string, env func(string) (string, bool), stdout, stderr io.Writer) (code int) {
	out := &output{to: stdout}
	code = execute(ctx, args, env, out, stderr)
	if out.err != nil {
		fmt.Fprintln(stderr, "waitboard: the output is incomplete:", out.err)
		code = max(code, exitFailed)
	}
	return code
}

// output stores the first write error and discards what follows, so that commands need not check each line.
type output struct {
	to  io.Writer
	err error
}

func (o *output) Write(text []byte) (int, error) {
	if o.err == nil {
		_, o.err = o.to.Write(text)
	}
	return len(text), nil
}

// execute implements Run, without errors of the output.
func execute(ctx context.Context, args []string, env func(string) (string, bool), stdout, stderr io.Writer) (code int) {
	if len(args) == 0 {
		fmt.Fprint(stdout, firstHelp)
		return exitOK
	}
	args = canonical(args)
	exited := false
	parser, err := kong.New(&commands{}, kong.Name("waitboard"), kong.Description(description),
		kong.Writers(stdout, stderr), kong.Exit(func(int) { exited = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		panic(err) // the struct tags above are wrong
	}
	parsed, err := parser.Parse(args)
	switch {
	case exited: // help has been printed
		return exitOK
	case err != nil:
		if args[0] == "" {
			err = errors.New("the name of the command is empty") // kong would suggest every other name
		}
		fmt.Fprintf(stderr, "waitboard: %v%s\nwaitboard --help lists the commands, waitboard COMMAND --help their flags\n", err, hint(err))
		return exitUsage
	}
	return report(stderr, parsed.Run(&invocation{ctx, env, stdout, stderr}))
}

// hint returns what to do about a rejected command line, "" if unknown: people name the configuration file without its flag.
func hint(err error) string {
	var rejected *kong.ParseError
	if !errors.As(err, &rejected) || !strings.HasPrefix(err.Error(), "unexpected argument ") {
		return ""
	}
	if !slices.ContainsFunc(rejected.Context.Flags(), func(f *kong.Flag) bool { return f.Name == "config" }) {
		return ""
	}
	return " (a configuration file is named with --config)"
}

// canonical replaces the common words help and --version by those of this command line.
func canonical(args []string) []string {
	switch args[0] {
	case "help":
		return append(slices.Clone(args[1:]), "--help")
	case "--version":
		return append([]string{"version"}, args[1:]...)
	}
	return args
}

// errUnfit means that check or doctor has printed the reason.
var errUnfit = errors.New("not fit to serve")

// usageError is a wrong argument that kong accepts.
type usageError struct{ error }

// report prints a command's error and turns it into an exit code.
func report(stderr io.Writer, err error) int {
	var badFile *config.Error
	var badArgument usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errUnfit):
		return exitFailed
	case errors.As(err, &badFile):
		fmt.Fprintln(stderr, err)
		return exitUsage
	case errors.As(err, &badArgument), errors.As(err, new(listening.AddressError)):
		fmt.Fprintln(stderr, "waitboard:", err)
		return exitUsage
	default:
		fmt.Fprintln(stderr, "waitboard:", err)
		return exitFailed
	}
}

// configFlag is the flag of commands that read the configuration file.
type configFlag struct {
	Config string `short:"c" default:"waitboard.yaml" placeholder:"FILE" help:"The configuration file (default: ${default})."`
}

func (f configFlag) load(i *invocation) (*config.Config, error) { return f.reload(i, nil) }

// reload is load while last is in force. last is nil at a start.
func (f configFlag) reload(i *invocation, last *config.Config) (*config.Config, error) {
	if f.Config == "" {
		return nil, usageError{errors.New("--config: the name of the file is missing")}
	}
	return config.Reload(f.Config, i.env, last)
}

// logFlags choose what to log, and how.
type logFlags struct {
	LogLevel  string `default:"info" enum:"debug,info,warn,error" help:"What to log: ${enum} (default: ${default})."`
	LogFormat string `default:"text" enum:"text,json" help:"How to log: ${enum} (default: ${default})."`
}

func (f logFlags) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(f.LogLevel)) // kong accepts only levels
	options := &slog.HandlerOptions{Level: level}
	if f.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
