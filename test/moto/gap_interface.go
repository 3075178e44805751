package moto

import (
	"encoding/xml"
	"net/url"
)

// endInterfaces takes away the network interfaces of nodes that ended, which have no
// tag. One that Skep made outlives its machine.
func endInterfaces(asked url.Values, ask func(url.Values) []byte) {
	var ended struct {
		IDs []string `xml:"reservationSet>item>instancesSet>item>instanceId"`
	}
	read(asked, ask, &ended, url.Values{"Action": {"DescribeInstances"}, "Filter.1.Name": {"instance-state-name"}, "Filter.1.Value.1": {"terminated"}})
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
	read(asked, ask, &interfaces, url.Values{"Action": {"DescribeNetworkInterfaces"}})
	gone := set(ended.IDs)
	for _, item := range interfaces.Items {
		if gone[item.Instance] && len(item.Tags) == 0 {
			ask(url.Values{"Action": {"DeleteNetworkInterface"}, "Version": {asked.Get("Version")}, "NetworkInterfaceId": {item.ID}})
		}
	}
}

// read asks for something in the version of EC2 that a call is in. What is no answer
// shows nothing.
func read(asked url.Values, ask func(url.Values) []byte, into any, form url.Values) {
	form.Set("Version", asked.Get("Version"))
	_ = xml.Unmarshal(ask(form), into)
}

func set(ids []string) map[string]bool {
	all := make(map[string]bool, len(ids))
	for _, id := range ids {
		all[id] = true
	}
	return all
}
