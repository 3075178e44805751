package config

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// setting is one variable as the tags of a struct declare it.
type setting struct {
	variable     string
	kind         reflect.Type
	defaultValue string
	required     bool
	options      []string
	meaning      string
}

// settingsOf returns the settings of a struct in the order of its fields.
func settingsOf[T any]() []setting { return settingsIn(reflect.TypeFor[T](), prefix) }

func settingsIn(structure reflect.Type, prefix string) []setting {
	var settings []setting
	for i := range structure.NumField() {
		field := structure.Field(i)
		tag, declared := field.Tag.Lookup("env")
		if !declared {
			if field.Type.Kind() == reflect.Struct {
				settings = append(settings, settingsIn(field.Type, prefix+field.Tag.Get("envPrefix"))...)
			}
			continue
		}
		name, flags, _ := strings.Cut(tag, ",")
		s := setting{
			variable:     prefix + name,
			kind:         field.Type,
			defaultValue: field.Tag.Get("envDefault"),
			required:     strings.Contains(flags, "required") || strings.Contains(flags, "notEmpty"),
			meaning:      field.Tag.Get("desc"),
		}
		if options := field.Tag.Get("options"); options != "" {
			s.options = strings.Split(options, ",")
		}
		settings = append(settings, s)
	}
	return settings
}

// accepts reports whether a value is valid, given the errors of parsing it alone.
func (s setting) accepts(value string, errs []error) bool {
	if len(s.options) > 0 && !slices.Contains(s.options, value) {
		return false
	}
	return !slices.ContainsFunc(errs, func(err error) bool {
		var unparsed env.ParseError
		return errors.As(err, &unparsed)
	})
}

// expected describes valid values.
func (s setting) expected() string {
	switch {
	case len(s.options) > 0:
		return "one of " + strings.Join(s.options, ", ")
	case s.kind == reflect.TypeFor[time.Duration]():
		return "a duration such as 90s"
	case s.kind.Kind() == reflect.Bool:
		return "true or false"
	case s.kind.Kind() == reflect.Float64:
		return "a number"
	case s.kind.Kind() >= reflect.Int && s.kind.Kind() <= reflect.Uint64:
		return "a whole number in range"
	default:
		return "a valid " + s.kind.String()
	}
}
