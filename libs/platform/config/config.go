// Package config reads the settings of a process from environment variables.
//
// A settings struct documents itself: its tags contain the name of each variable, its default and its meaning. Load
// reads it and Print prints it for --help. Every variable begins with SKEP_. Mains and the composition of a process
// import this package; the packages that they call receive values, never the environment.
package config

import (
	"errors"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// prefix is the prefix of every variable.
const prefix = "SKEP_"

// Load reads a T, a struct, from environ, a list of KEY=value as os.Environ returns it.
//
// The tags of T are those of caarlos0/env: `env` is the name of the variable without its prefix, `envPrefix` is the
// prefix of the variables of a nested struct, and `envDefault` is the default value. `desc` is the meaning of the
// variable and `options` lists the allowed values, separated by commas. If *T has the method Validate()
// []fault.Field, Load calls it too. The error is one fault that names every invalid variable and reveals no value.
func Load[T any](environ []string) (T, error) {
	var settings, none T
	environment := env.ToMap(environ)
	known := settingsOf[T]()
	problems := problemsOf(parse(&settings, environment))
	for _, s := range known {
		value, set := environment[s.variable]
		if set && value != "" && !s.accepts(value, parse(new(T), map[string]string{s.variable: value})) {
			problems = append(problems, fault.Field{Path: s.variable, Message: "is not " + s.expected()})
		}
	}
	if validated, ok := any(&settings).(interface{ Validate() []fault.Field }); ok {
		for _, problem := range validated.Validate() {
			if !slices.ContainsFunc(problems, func(f fault.Field) bool { return f.Path == problem.Path }) {
				problems = append(problems, problem)
			}
		}
	}
	if len(problems) == 0 {
		return settings, nil
	}
	slices.SortStableFunc(problems, func(a, b fault.Field) int { return strings.Compare(a.Path, b.Path) })
	return none, &fault.Fault{
		Kind: fault.Invalid, Class: fault.Configuration,
		Message: "the configuration is not valid", Fields: problems,
		Remedy: "Correct the named environment variables and start again; --help lists all variables.",
	}
}

// parse reads the environment and returns its errors one by one.
func parse[T any](settings *T, environment map[string]string) []error {
	err := env.ParseWithOptions(settings, env.Options{Environment: environment, Prefix: prefix})
	var all env.AggregateError
	if errors.As(err, &all) {
		return all.Errors
	}
	if err != nil {
		return []error{err}
	}
	return nil
}

// problemsOf returns the variables that are missing and the files that cannot be read. It omits values that cannot be
// parsed, because that error names the Go field instead of the variable and contains the value.
func problemsOf(wrong []error) []fault.Field {
	var problems []fault.Field
	for _, err := range wrong {
		var (
			unparsed env.ParseError
			unset    env.VarIsNotSetError
			empty    env.EmptyVarError
			file     env.LoadFileContentError
		)
		switch {
		case errors.As(err, &unparsed):
		case errors.As(err, &unset):
			problems = append(problems, fault.Field{Path: unset.Key, Message: "is required"})
		case errors.As(err, &empty):
			problems = append(problems, fault.Field{Path: empty.Key, Message: "is required and empty"})
		case errors.As(err, &file):
			problems = append(problems, fault.Field{Path: file.Key, Message: "names a file that cannot be read"})
		default:
			problems = append(problems, fault.Field{Path: prefix + "*", Message: err.Error()})
		}
	}
	return problems
}
