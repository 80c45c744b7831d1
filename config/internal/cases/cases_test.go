package cases

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const archive = `How to add a case.
-- base --
a: 1
b: 2
c: 3

-- first --
+z: 0
-b: 2
+b: two
 c: 3
+d: 4
> waitboard.yaml:1:1: z: wrong
> waitboard.yaml:3:1: b: wrong

-- base --
-- whole --
+x

+
> waitboard.yaml:1:1: wrong
`

// write saves an archive in a new folder.
func write(t *testing.T, text string) (folder, file string) {
	folder = t.TempDir()
	file = filepath.Join(folder, "some.txtar")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder, file
}

func TestRead(t *testing.T) {
	folder, _ := write(t, archive)
	got, err := Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	want := []Case{
		{"first", "a: 1\nb: 2\nc: 3\n", "z: 0\na: 1\nb: two\nc: 3\nd: 4\n", "waitboard.yaml:1:1: z: wrong\nwaitboard.yaml:3:1: b: wrong\n"},
		{"whole", "", "x\n\n", "waitboard.yaml:1:1: wrong\n"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestReadRejects(t *testing.T) {
	for name, test := range map[string]struct{ archive, want string }{
		"no base":        {"-- x --\n+a\n", "x: the archive has no base above this case"},
		"no such line":   {"-- base --\na\n-- x --\n-b\n", `x: the rest of the base has no line "b\n"`},
		"part of a line": {"-- base --\nab\n-- x --\n-b\n", `x: the rest of the base has no line "b\n"`},
		"line above":     {"-- base --\na\nb\n-- x --\n b\n-a\n", `x: the rest of the base has no line "a\n"`},
		"no mark":        {"-- base --\na\n-- x --\na\n", `x: the line "a\n" starts with none of`},
		"same name":      {"-- base --\na\n-- x --\n+b\n-- x --\n+c\n", "the folder holds several cases x"},
	} {
		t.Run(name, func(t *testing.T) {
			folder, _ := write(t, test.archive)
			if _, err := Read(folder); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Read = %v, want %s", err, test.want)
			}
		})
	}
}

func TestUpdate(t *testing.T) {
	folder, file := write(t, archive)
	if err := Update(folder, map[string]string{"first": "waitboard.yaml: other\n"}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(archive, "> waitboard.yaml:1:1: z: wrong\n> waitboard.yaml:3:1: b: wrong\n", "> waitboard.yaml: other\n", 1)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
