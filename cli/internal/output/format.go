// Package output is how the skep command shows what it has: messages of the API
// as JSON, YAML or names, rows as tables, faults as a block that ends in what to
// do, and durations as people say them.
package output

import "fmt"

// Format says how a result is shown. It is a flag value.
type Format string

// The formats. The zero value leaves the choice to the command.
const (
	// Table is for people.
	Table Format = "table"
	// JSON is the API's own JSON, indented.
	JSON Format = "json"
	// YAML is the same as YAML, in the order of the API.
	YAML Format = "yaml"
	// Name is nothing but the full name, one a line.
	Name Format = "name"
)

// Formats are all formats.
var Formats = []string{string(Table), string(JSON), string(YAML), string(Name)}

// String implements pflag.Value.
func (f *Format) String() string { return string(*f) }

// Set implements pflag.Value.
func (f *Format) Set(text string) error {
	switch Format(text) {
	case Table, JSON, YAML, Name:
		*f = Format(text)
		return nil
	}
	return fmt.Errorf("it is table, json, yaml or name")
}

// Type implements pflag.Value.
func (f *Format) Type() string { return "format" }

// Or returns the format, or another one if none was asked for.
func (f Format) Or(other Format) Format {
	if f == "" {
		return other
	}
	return f
}
