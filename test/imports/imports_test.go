// Package imports tests the rules of the house: the imports that a package may have, and the
// form of packages and files. Each rule states its reason, and a breach names the file or
// the package. No package imports it.
package imports

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// root is the top of the repository, module the prefix of its modules.
const (
	root   = "../.."
	module = "github.com/skep-dev/skep/"
)

// pkg is a package as `go list` describes it.
type pkg struct {
	ImportPath, Dir, Doc string
	GoFiles, Imports     []string
	Deps                 []string
}

// name is the path of a package within the repository.
func (p pkg) name() string { return strings.TrimPrefix(p.ImportPath, module) }

// below reports whether the package is one of these folders or in one.
func (p pkg) below(folders ...string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		return p.name() == folder || strings.HasPrefix(p.name(), folder+"/")
	})
}

// generated reports whether the package was written by a program.
func (p pkg) generated() bool { return p.below("proto/gen") }

// service is the service that a package is of, or "".
func service(name string) string {
	rest, ok := strings.CutPrefix(name, "services/")
	if !ok {
		return ""
	}
	of, _, _ := strings.Cut(rest, "/")
	return of
}

// domain reports whether the package is the internal/<domain> of a service, or in it.
func (p pkg) domain() bool {
	of := service(p.name())
	return of != "" && strings.HasPrefix(p.name(), "services/"+of+"/internal/") && !p.below("services/"+of+"/internal/api")
}

// packages lists every package of the workspace, without its tests, also those
// that do not build.
func packages(t *testing.T) []pkg {
	t.Helper()
	command := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,Doc,GoFiles,Imports,Deps", "work")
	command.Dir = root
	var problems bytes.Buffer
	command.Stderr = &problems
	out, err := command.Output()
	require.NoError(t, err, problems.String())
	var found []pkg
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return found
		}
		require.NoError(t, err)
		if len(p.GoFiles) > 0 {
			found = append(found, p)
		}
	}
}

// rule is one rule of who may import what.
type rule struct {
	name string
	// reason is part of the message of every breach.
	reason string
	// breaks reports whether the package may not import this path.
	breaks func(p pkg, path string) bool
	// deep says that the rule is about what a package imports by way of others, too.
	deep bool
}

// at reports whether the path is this one or below it.
func at(path string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") })
}

// groups are the groups of libs, each of which imports itself and those before it.
var groups = []string{"platform", "aws", "engine", "sim"}

// group is the place of a package's group among groups, or -1.
func group(name string) int {
	rest, ok := strings.CutPrefix(name, "libs/")
	if !ok {
		return -1
	}
	of, _, _ := strings.Cut(rest, "/")
	return slices.Index(groups, of)
}

var rules = []rule{
	{
		name:   "a service imports no other service",
		reason: "services are built, deployed and understood one at a time; they meet in proto and in the records of the store",
		deep:   true,
		breaks: func(p pkg, path string) bool {
			own, other := service(p.name()), service(strings.TrimPrefix(path, module))
			return own != "" && other != "" && own != other
		},
	},
	{
		name:   "the domain of a service knows neither the API's messages nor NATS",
		reason: "what is made in AWS is tested and changed without a server or a store, and a change of the API stops at internal/api",
		breaks: func(p pkg, path string) bool {
			return p.domain() && at(path, module+"proto", "github.com/nats-io", module+"libs/engine/store", module+"libs/platform/bus", module+"libs/engine/object", module+"libs/engine/collection", module+"libs/engine/reconciler", "google.golang.org/grpc")
		},
	},
	{
		name:   "only libs/platform/rpc, libs/platform/fault and the REST face know the codes of gRPC",
		reason: "there is one taxonomy of errors: everything else speaks of faults, so that class, cause and remedy are never lost",
		breaks: func(p pkg, path string) bool {
			return !p.generated() && !p.below("libs/platform/rpc", "libs/platform/fault", "gateway/internal/rest") &&
				at(path, "google.golang.org/grpc/codes", "google.golang.org/grpc/status")
		},
	},
	{
		name:   "libs knows nothing of services, gateway, cli and test",
		reason: "what two services share must not depend on one of them",
		deep:   true,
		breaks: func(p pkg, path string) bool {
			return p.below("libs") && at(path, module+"services", module+"gateway", module+"cli", module+"test")
		},
	},
	{
		name:   "the contracts know nothing of the code",
		reason: "clients elsewhere use proto alone",
		deep:   true,
		breaks: func(p pkg, path string) bool {
			return p.below("proto") && strings.HasPrefix(path, module) && !at(path, module+"proto")
		},
	},
	{
		name:   "the groups of libs are ordered: platform, aws, engine, sim",
		reason: "a reader of one group needs to know only those below it, and a change of one cannot break what it stands on",
		breaks: func(p pkg, path string) bool {
			own, other := group(p.name()), group(strings.TrimPrefix(path, module))
			return own >= 0 && other > own
		},
	},
	{
		name:   "simulated AWS is for tests, the suite of tests, `skep up` and benchmarks",
		reason: "what runs in production must not carry a simulation that it could be switched to by mistake",
		breaks: func(p pkg, path string) bool {
			return !p.below("libs/sim", "cli/allinone", "cli/critical", "test") && at(path, module+"libs/sim/aws")
		},
	},
	{
		name:   "the suite of tests is for tests",
		reason: "it needs a *testing.T and virtual time",
		breaks: func(p pkg, path string) bool {
			return !p.below("libs/sim", "cli/allinone", "test") && at(path, module+"libs/sim/suite", module+"libs/sim/graphtest")
		},
	},
	{
		name:   "the server of tests is for tests",
		reason: "it needs a *testing.T and virtual time",
		breaks: func(p pkg, path string) bool {
			return !p.below("libs/sim/suite", "libs/engine/internal/enginetest", "libs/platform/bus/bustest") && at(path, module+"libs/platform/bus/bustest")
		},
	},
	{
		name:   "a service carries no simulation, not even by way of others",
		reason: "see above: a helper in libs would smuggle it into every service",
		deep:   true,
		breaks: func(p pkg, path string) bool {
			return p.below("services", "gateway") && at(path, module+"libs/sim/aws", module+"libs/sim/suite", "github.com/nats-io/nats-server")
		},
	},
}

func TestThePackagesImportOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	all := packages(t)
	require.Greater(t, len(all), 40, "the packages of the workspace are not listed")
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			t.Parallel()
			for _, p := range all {
				paths := p.Imports
				if rule.deep {
					paths = p.Deps
				}
				for _, path := range paths {
					if rule.breaks(p, path) {
						t.Errorf("%s imports %s.\n%s: %s.", p.name(), path, rule.name, rule.reason)
					}
				}
			}
		})
	}
}

// A rule that nothing could break holds nothing: each is shown one breach.
func TestEveryRuleRefusesSomething(t *testing.T) {
	t.Parallel()
	breaches := []struct{ name, path string }{
		{"services/network/internal/api", module + "services/compute"},
		{"services/network/internal/network", module + "proto/gen/go/skep/network/v1"},
		{"services/network/internal/api", "google.golang.org/grpc/codes"},
		{"libs/engine/object", module + "services/network"},
		{"proto/gen/go/skep/network/v1", module + "libs/platform/fault"},
		{"libs/aws/session", module + "libs/engine/graph"},
		{"libs/aws/session", module + "libs/sim/aws"},
		{"gateway", module + "libs/sim/suite"},
		{"libs/engine/queue", module + "libs/platform/bus/bustest"},
		{"services/network", module + "libs/sim/aws"},
	}
	require.Len(t, breaches, len(rules))
	for i, breach := range breaches {
		require.True(t, rules[i].breaks(pkg{ImportPath: module + breach.name}, breach.path), rules[i].name)
		require.False(t, rules[i].breaks(pkg{ImportPath: module + breach.name}, "context"), rules[i].name)
	}
}

// The referrers of an object are found by the messages of their records. A process that
// does not link those messages would delete the object while it is in use, and a test with
// all services in one process cannot show that.
func TestEveryServiceLinksTheMessagesOfEveryObjectType(t *testing.T) {
	t.Parallel()
	all := packages(t)
	objects := all[slices.IndexFunc(all, func(p pkg) bool { return p.name() == "libs/engine/object" })]
	for _, p := range all {
		if p.below("proto/gen/go/skep") {
			require.Contains(t, objects.Deps, p.ImportPath, "libs/engine/object links the messages of every object type")
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if !p.generated() && p.Doc == "" {
			t.Errorf("%s has no doc comment: say what it is, what it promises and who may import it.", p.name())
		}
	}
}

// longest is the number of lines that a file may have.
const longest = 400

func TestNoFileIsTooLong(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, file := range p.GoFiles {
			text, err := os.ReadFile(filepath.Join(p.Dir, file))
			require.NoError(t, err)
			if bytes.HasPrefix(text, []byte("// Code generated ")) {
				continue
			}
			if lines := bytes.Count(text, []byte("\n")); lines > longest {
				t.Errorf("%s/%s has %d lines: a file has one subject and at most %d lines.", p.name(), file, lines, longest)
			}
		}
	}
}
