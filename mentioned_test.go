package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"waitboard/config"
)

// The configuration in README.md is right, and its table has every command.
func TestREADME(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range shellOrYAML.FindAllStringSubmatch(string(text), -1) {
		if found[1] != "yaml" {
			continue
		}
		c, err := config.Parse("waitboard.yaml", []byte(found[2]), func(string) (string, bool) { return "0123456789abcdef", true })
		if err != nil || len(c.Notes) > 0 {
			t.Errorf("%v, %v", err, c)
		}
	}
	help, err := exec.Command(program(t), "--help").Output()
	commands := regexp.MustCompile(`(?m)^  ([a-z]+(?: [a-z]+)?)  `).FindAllSubmatch(help, -1)
	if err != nil || len(commands) < 10 {
		t.Fatalf("%v\n%s", err, help)
	}
	for _, command := range commands {
		if !strings.Contains(string(text), "`waitboard "+string(command[1])) && !strings.Contains(string(text), ", `"+string(command[1])+"`") {
			t.Errorf("the table lacks waitboard %s", command[1])
		}
	}
}

var (
	commandInProse = regexp.MustCompile("`(?:\\./)?waitboard ((?:history )?[a-z]+)( [^`\n]*)?`")
	flagOf         = regexp.MustCompile(` (--[a-z-]+)`)
)

// The commands and flags that pages mention in their sentences exist.
func TestCommandsInProse(t *testing.T) {
	path, helps, mentioned := program(t), map[string]string{}, 0
	for _, page := range pages(t) {
		for _, found := range commandInProse.FindAllStringSubmatch(page.text, -1) {
			mentioned++
			help, ok := helps[found[1]]
			if !ok {
				out, err := exec.Command(path, append(strings.Fields(found[1]), "--help")...).Output()
				if err != nil {
					t.Errorf("%s: waitboard %s: %v", page.path, found[1], err)
				}
				help = string(out)
				helps[found[1]] = help
			}
			for _, flag := range flagOf.FindAllStringSubmatch(found[2], -1) {
				if !strings.Contains(help, flag[1]) {
					t.Errorf("%s: waitboard %s has no %s", page.path, found[1], flag[1])
				}
			}
		}
	}
	if mentioned < 20 {
		t.Errorf("only %d commands", mentioned)
	}
}
