package moto

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Gap is something that AWS does and moto does not.
type Gap struct {
	// Operation is the call that it shows in.
	Operation string
	// Missing is what moto lacks, and Instead how the tests go on without.
	Missing, Instead string

	// request mends what is asked, and may ask moto for what it takes; nil leaves it.
	request func(asked url.Values, ask func(url.Values) []byte) bool
	// before does what AWS would have done until then; nil is nothing.
	before func(asked url.Values, ask func(url.Values) []byte)
	// after does what AWS would have done beside what was asked, which moto agreed
	// to; nil is nothing.
	after func(asked url.Values, ask func(url.Values) []byte)
	// refusal is the code that AWS refuses with where moto fails; empty is that AWS
	// does not refuse.
	refusal string
}

// Gaps are all of them. Whatever else moto cannot do fails a test.
var Gaps = []Gap{
	{
		Operation: "any", Missing: "calls are not safe beside one another: its state is plain dictionaries",
		Instead: "the door hands it one call at a time",
	},
	{
		Operation: "DescribeImages", Missing: "the filter root-device-name, which it answers with a 500",
		Instead: "the door takes the filter off: every image here boots from that device",
		request: func(form url.Values, _ func(url.Values) []byte) bool { return dropFilter(form, "root-device-name") },
	},
	{
		Operation: "AuthorizeSecurityGroupIngress", Missing: "rules of a protocol without ports, such as IP-in-IP, which it answers with a 500",
		Instead: "the door gives them the port -1, which is what AWS answers for them",
		request: givePorts,
	},
	{
		Operation: "RevokeSecurityGroupIngress", Missing: "rules of a protocol without ports",
		Instead: "the door gives them the port -1 here too",
		request: givePorts,
	},
	{
		Operation: "DescribeNetworkInterfaces", Missing: "interfaces of NAT gateways and of nodes stay when these are gone, and do not keep their VPC",
		Instead: "the door takes away those of nodes that ended, and an inventory leaves out interfaces without a tag whose VPC is gone; those that Skep makes have tags",
		before:  endInterfaces,
	},
	{
		Operation: "DescribeNatGateways", Missing: "filters by tag, which it passes over: it shows all there are",
		Instead: "the door looks up the tag, and asks for those that have it",
		request: findByTag,
	},
	{
		Operation: "DescribeTags", Missing: "tags of volumes stay when these are gone",
		Instead: "a proof of empty asks for these volumes too, and finds none: one call that AWS would not see",
	},
	{
		Operation: "DeleteSubnet", Missing: "the association of the subnet with a route table stays, and keeps the table from being deleted",
		Instead: "the door takes it off, as AWS does",
		after:   disassociate,
	},
	{
		Operation: "DeleteSecurityGroup", Missing: "a group that the rules of another name can be deleted, which AWS refuses",
		Instead: "the order of deletes is proved in the simulation, which refuses it",
	},
	{
		Operation: "CreateAutoScalingGroup", Missing: "nodes come with a disk of their image beside the one of their launch template, and the disks without its tags",
		Instead: "two disks a node are expected, and none when the nodes are gone",
	},
	{
		Operation: "CreateLaunchTemplateVersion", Missing: "user data, over which a group that starts nodes of such a version fails with a 500",
		Instead: "the door takes it off; what a version holds, Skep tells by its description",
		request: func(form url.Values, _ func(url.Values) []byte) bool {
			return drop(form, "LaunchTemplateData.UserData")
		},
	},
	{
		Operation: "RemoveRoleFromInstanceProfile", Missing: "being asked again, which it answers with a 500",
		Instead: "the door answers that there is no such role in it, as AWS does",
		refusal: "NoSuchEntity",
	},
	{
		Operation: "ChangeResourceRecordSets", Missing: "a record that was deleted cannot be created again with the same content while others follow it in the zone",
		Instead: "no name is used for two clusters, one after the other; that it can be is proved in the simulation",
	},
	{
		Operation: "RunInstances", Missing: "machines run at once and boot nothing, and whoever is registered behind a load balancer is healthy",
		Instead: "a cluster is ready when its machines run and are registered; what is booted, and how long it takes, is the simulation's",
	},
	{
		Operation: "CreateLoadBalancer", Missing: "network load balancers are given ARNs of application load balancers, and have no network interfaces",
		Instead: "ARNs are compared as they are, and interfaces that linger are the simulation's",
	},
}

// bridge mends a request for the gaps of its operation and reports whether it did.
func bridge(call Call, form url.Values, ask func(url.Values) []byte) bool {
	changed := false
	for _, gap := range Gaps {
		if gap.Operation == call.Operation && gap.request != nil {
			changed = gap.request(form, ask) || changed
		}
	}
	return changed
}

// prepare does what AWS would have done before a call, for the gaps of its operation.
func prepare(call Call, form url.Values, ask func(url.Values) []byte) {
	for _, gap := range Gaps {
		if gap.Operation == call.Operation && gap.before != nil {
			gap.before(form, ask)
		}
	}
}

// finish does what AWS would have done beside a call, for the gaps of its operation.
func finish(call Call, form url.Values, ask func(url.Values) []byte) {
	for _, gap := range Gaps {
		if gap.Operation == call.Operation && gap.after != nil {
			gap.after(form, ask)
		}
	}
}

// refuse makes what moto failed at the refusal that AWS answers, for the gaps of its
// operation, in the form of the query protocol.
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
func refuse(call Call, failed answer) answer {
	for _, gap := range Gaps {
		if gap.Operation == call.Operation && gap.refusal != "" && failed.status >= http.StatusInternalServerError {
			text := "<ErrorResponse><Error><Type>Sender</Type><Code>" + gap.refusal + "</Code></Error></ErrorResponse>"
			return answer{status: http.StatusNotFound, header: http.Header{"Content-Type": {"text/xml"}}, text: []byte(text)}
		}
	}
	return failed
}

// disassociate takes a subnet that is gone off its route table.
func disassociate(asked url.Values, ask func(url.Values) []byte) {
	subnet := asked.Get("SubnetId")
	var tables struct {
		Associations []struct {
			ID     string `xml:"routeTableAssociationId"`
			Subnet string `xml:"subnetId"`
		} `xml:"routeTableSet>item>associationSet>item"`
	}
	text := ask(url.Values{"Action": {"DescribeRouteTables"}, "Version": {asked.Get("Version")},
		"Filter.1.Name": {"association.subnet-id"}, "Filter.1.Value.1": {subnet}})
	if err := xml.Unmarshal(text, &tables); err != nil {
		return // There is no such table.
	}
	for _, association := range tables.Associations {
		if association.Subnet == subnet {
			ask(url.Values{"Action": {"DisassociateRouteTable"}, "Version": {asked.Get("Version")}, "AssociationId": {association.ID}})
		}
	}
}

// drop takes a field off.
func drop(form url.Values, field string) bool {
	there := form.Has(field)
	form.Del(field)
	return there
}

// dropFilter takes a filter off a query of EC2 and moves those after it up.
func dropFilter(form url.Values, name string) bool {
	kept, dropped := 0, false
	for n := 1; form.Has(filter(n) + "Name"); n++ {
		moved := make(url.Values)
		for field, values := range form {
			if rest, ok := strings.CutPrefix(field, filter(n)); ok {
				moved[rest] = values
				form.Del(field)
			}
		}
		if moved.Get("Name") == name {
			dropped = true
			continue
		}
		kept++
		for rest, values := range moved {
			form[filter(kept)+rest] = values
		}
	}
	return dropped
}

// givePorts gives the port -1 to rules of protocols that have none.
func givePorts(form url.Values, _ func(url.Values) []byte) bool {
	given := false
	for n := 1; ; n++ {
		rule := "IpPermissions." + strconv.Itoa(n) + "."
		protocol := form.Get(rule + "IpProtocol")
		if protocol == "" {
			return given
		}
		if _, err := strconv.Atoi(protocol); err == nil && protocol != "-1" && !form.Has(rule+"FromPort") {
			form.Set(rule+"FromPort", "-1")
			form.Set(rule+"ToPort", "-1")
			given = true
		}
	}
}
