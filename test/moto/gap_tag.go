package moto

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// unusedID is an id without a NAT gateway. It keeps an empty result from matching all.
const unusedID = "nat-00000000000000000"

// findByTag adds the ids of the NAT gateways with the tags of the query to the query. It keeps
// a query without tags unchanged and returns false.
func findByTag(form url.Values, ask func(url.Values) []byte) bool {
	var tagged [][]string
	for n := 1; form.Has(filter(n) + "Name"); n++ {
		if key, ok := strings.CutPrefix(form.Get(filter(n)+"Name"), "tag:"); ok {
			tagged = append(tagged, haveTag(form, ask, key, filter(n)))
		}
	}
	if len(tagged) == 0 {
		return false
	}
	ids := slices.DeleteFunc(tagged[0], func(id string) bool {
		return slices.ContainsFunc(tagged[1:], func(others []string) bool { return !slices.Contains(others, id) })
	})
	for i, id := range append(ids, unusedID) {
		form.Set("NatGatewayId."+strconv.Itoa(i+1), id)
	}
	return true
}

// haveTag returns the ids of the resources that have a tag with one of the values of a filter.
func haveTag(form url.Values, ask func(url.Values) []byte, key, filter string) []string {
	query := url.Values{
		"Action": {"DescribeTags"}, "Filter.1.Name": {"key"}, "Filter.1.Value.1": {key}, "Filter.2.Name": {"value"},
	}
	for field, values := range form {
		if value, ok := strings.CutPrefix(field, filter+"Value."); ok {
			query["Filter.2.Value."+value] = values
		}
	}
	var found struct {
		IDs []string `xml:"tagSet>item>resourceId"`
	}
	read(form, ask, &found, query)
	return found.IDs
}

// filter returns the prefix of the fields of the n-th filter of a query.
func filter(n int) string { return "Filter." + strconv.Itoa(n) + "." }
