package main

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"
	"github.com/goreleaser/nfpm/v2/rpm"
)

const (
	summary     = "Show customers your phone queue's wait time before they dial"
	description = summary + "\nwaitboard reads wait times from Xima's Chronicall or Xima CCaaS, and publishes what you allow as a widget, JSON, events and images."
)

// pack writes the Debian and the RPM package for a target.
func (r *release) pack(t target, program string) error {
	folder, err := os.MkdirTemp("", "waitboard-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // the system cleans up, too
	license, err := os.ReadFile(filepath.Join(r.root, "LICENSE"))
	if err != nil {
		return err
	}
	copyright := filepath.Join(folder, "copyright")
	if err := os.WriteFile(copyright, append(append(license, '\n'), r.licenses...), 0o600); err != nil {
		return err
	}
	script := func(name string) string { return filepath.Join(r.root, "deploy", "package", filepath.FromSlash(name)) }

	debian := r.info(t, program, copyright)
	debian.Depends = []string{"adduser"}
	debian.Scripts = nfpm.Scripts{PostInstall: script("deb/postinst"), PreRemove: script("deb/prerm"), PostRemove: script("deb/postrm")}

	redhat := r.info(t, program, copyright)
	redhat.Release = "1"
	redhat.Depends = []string{"/usr/sbin/useradd"}
	redhat.RPM.Summary = summary
	redhat.RPM.BuildHost = "localhost"
	redhat.Scripts = nfpm.Scripts{PreInstall: script("rpm/pre"), PostInstall: script("rpm/post"), PreRemove: script("rpm/preun"), PostRemove: script("rpm/postun")}

	return errors.Join(r.write(deb.Default, debian), r.write(rpm.DefaultRPM, redhat))
}

// info describes a package. Each has its own, because a packager changes it.
func (r *release) info(t target, program, copyright string) *nfpm.Info {
	add := func(source, destination, kind string, mode os.FileMode, owner, group string) *files.Content {
		if source != "" && !filepath.IsAbs(source) {
			source = filepath.Join(r.root, source)
		}
		return &files.Content{Source: source, Destination: destination, Type: kind, FileInfo: &files.ContentFileInfo{Mode: mode, Owner: owner, Group: group, MTime: r.date}}
	}
	const docs = "/usr/share/doc/waitboard/"
	return &nfpm.Info{
		Name: "waitboard", Arch: t.processor, Platform: t.system, Version: r.version, MTime: r.date,
		Section: "net", Priority: "optional", Maintainer: "The waitboard authors", Description: description, License: "MIT",
		DisableGlobbing: true,
		Overridables: nfpm.Overridables{Contents: files.Contents{
			add(program, "/usr/bin/waitboard", files.TypeFile, 0o755, "root", "root"),
			add("deploy/waitboard.service", "/usr/lib/systemd/system/waitboard.service", files.TypeFile, 0o644, "root", "root"),
			add("", "/etc/waitboard", files.TypeDir, 0o750, "root", "waitboard"),
			add("deploy/package/waitboard.yaml", "/etc/waitboard/waitboard.yaml", files.TypeConfigNoReplace, 0o644, "root", "root"),
			add("", "/var/lib/waitboard", files.TypeDir, 0o700, "waitboard", "waitboard"),
			add("README.md", docs+"README.md", files.TypeFile, 0o644, "root", "root"),
			add("CHANGELOG.md", docs+"CHANGELOG.md", files.TypeFile, 0o644, "root", "root"),
			add("examples/waitboard.yaml", docs+"waitboard.yaml", files.TypeFile, 0o644, "root", "root"),
			add(copyright, docs+"copyright", files.TypeFile, 0o644, "root", "root"),
		}},
	}
}

// write writes a package under its usual name.
func (r *release) write(packager nfpm.PackagerWithExtension, info *nfpm.Info) error {
	if err := nfpm.PrepareForPackager(info, packager.ConventionalExtension()[1:]); err != nil {
		return err
	}
	out, err := os.Create(filepath.Join(r.output, packager.ConventionalFileName(info)))
	if err != nil {
		return err
	}
	return errors.Join(packager.Package(info, out), out.Close())
}
