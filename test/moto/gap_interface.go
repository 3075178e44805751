package moto

import (
	"encoding/xml"
	"net/url"
)

// endInterfaces deletes the network interfaces of terminated nodes, which have no tags. An
// interface of Skep has tags and outlives its instance.
func endInterfaces(form url.Values, ask func(url.Values) []byte) {
	var ended struct {
		IDs []string `xml:"reservationSet>item>instancesSet>item>instanceId"`
	}
	read(form, ask, &ended, url.Values{"Action": {"DescribeInstances"}, "Filter.1.Name": {"instance-state-name"}, "Filter.1.Value.1": {"terminated"}})
	if len(ended.IDs) == 0 {
		return
	}
	var interfaces struct {
		Items []struct {
			ID       string   `xml:"networkInterfaceId"`
			Instance string   `xml:"attachment>instanceId"`
			Tags     []string `xml:"tagSet>item>key"`
		} `xml:"networkInterfaceSet>item"`
	}
	read(form, ask, &interfaces, url.Values{"Action": {"DescribeNetworkInterfaces"}})
	terminated := set(ended.IDs)
	for _, item := range interfaces.Items {
		if terminated[item.Instance] && len(item.Tags) == 0 {
			ask(url.Values{"Action": {"DeleteNetworkInterface"}, "Version": {form.Get("Version")}, "NetworkInterfaceId": {item.ID}})
		}
	}
}

// read sends a query in the EC2 API version of the form, and decodes the answer. An invalid
// answer leaves into unchanged.
func read(form url.Values, ask func(url.Values) []byte, into any, query url.Values) {
	query.Set("Version", form.Get("Version"))
	_ = xml.Unmarshal(ask(query), into)
}

func set(ids []string) map[string]bool {
	all := make(map[string]bool, len(ids))
	for _, id := range ids {
		all[id] = true
	}
	return all
}
