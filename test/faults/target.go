package faults

import (
	"reflect"
	"slices"
	"strings"

	"github.com/skep-dev/skep/libs/aws/session"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// distinctive are the fields that distinguish two calls about one resource.
var distinctive = []string{"DestinationCidrBlock", "PolicyName"}

// targetOf returns the name of the resource that a call is about: the resource tag of a
// create, otherwise the names of the resources whose ids are in the input.
func targetOf(call awssim.Call, ledger []awssim.LedgerEntry) string {
	input := textsOf(call.Input)
	if resource := input.tag(session.TagResource); resource != "" {
		return spaceless(resource)
	}
	var names []string
	for _, text := range input.all() {
		if e := lookup(ledger, text); e != nil {
			names = append(names, logical(e))
		}
	}
	for _, t := range input {
		if slices.Contains(distinctive, t.field) {
			names = append(names, t.text)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	// A call about a relation names two resources. A list of many has no stable name.
	if len(names) > 3 {
		return "many"
	}
	return spaceless(strings.Join(names, ","))
}

// logical returns the name of a resource in Skep, or its AWS type.
func logical(e *awssim.LedgerEntry) string {
	if resource := e.Tags[session.TagResource]; resource != "" {
		return resource
	}
	return e.Kind
}

// lookup returns the newest resource with an id, or nil.
func lookup(ledger []awssim.LedgerEntry, id string) *awssim.LedgerEntry {
	for i, e := range slices.Backward(ledger) {
		if e.ID == id {
			return &ledger[i]
		}
	}
	return nil
}

// text is one string of an input, with the name of its field.
type text struct{ field, text string }

// texts are all strings of an input in the order of its fields.
type texts []text

// all returns the strings without their fields.
func (t texts) all() []string {
	all := make([]string, len(t))
	for i, one := range t {
		all[i] = one.text
	}
	return all
}

// tag returns the value of a tag, or "".
func (t texts) tag(key string) string {
	for i, one := range t {
		if one.field == "Key" && one.text == key && i+1 < len(t) && t[i+1].field == "Value" {
			return t[i+1].text
		}
	}
	return ""
}

// field returns the first string of a field, or "".
func (t texts) field(name string) string {
	for _, one := range t {
		if one.field == name {
			return one.text
		}
	}
	return ""
}

// textsOf collects the strings of an SDK input.
func textsOf(parameters any) texts {
	var found texts
	collect(reflect.ValueOf(parameters), "", &found)
	return found
}

func collect(v reflect.Value, field string, found *texts) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			collect(v.Elem(), field, found)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				collect(v.Field(i), v.Type().Field(i).Name, found)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			collect(v.Index(i), field, found)
		}
	case reflect.String:
		if v.Len() > 0 {
			*found = append(*found, text{field, v.String()})
		}
	default:
		// Numbers and booleans identify no resource.
	}
}
