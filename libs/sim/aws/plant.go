package aws

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Site is a VPC and the cluster in it.
type Site struct {
	Account, Region string
	VPC             string // id
	Cluster         string // what the controllers in the cluster call it
}

// Plant is something that a suite finds in its VPC and did not make: what controllers in a cluster leave behind, what AWS
// puts there by itself, and what somebody made by hand.
type Plant struct {
	// Name says what it is and who makes it.
	Name string
	// Foreign says that it belongs neither to the cluster nor to anything that serves it: nobody may touch it.
	Foreign bool
	// Data says that it may hold what people want back.
	Data bool

	put func(g *garden, n string) error
}

// Plants are all that can be planted.
func Plants() []Plant {
	return slices.Concat(plantedBalancers, plantedInterfaces, plantedMachines, plantedByHand)
}

// Plant puts one more of a plant into a VPC, as whoever makes such things does. It fails when AWS would refuse that, and on
// a journal that cannot be written.
func (w *World) Plant(p Plant, at Site) error {
	w.enter()
	defer w.mu.Unlock()
	w.seq++
	g := &garden{call: w.by("cluster-controllers", scope{at.Account, at.Region}), Site: at}
	if p.Foreign {
		g.Principal = "somebody"
	}
	if err := p.put(g, fmt.Sprintf("%06x", w.seq)); err != nil {
		return fmt.Errorf("plant %s: %w", p.Name, err)
	}
	return g.keep()
}

// garden is where a plant is put.
type garden struct {
	*call
	Site
}

// owned marks what belongs to the cluster, as every controller does that has learned it from the first cloud provider.
func (g *garden) owned(more map[string]string) map[string]string {
	tags := map[string]string{"kubernetes.io/cluster/" + g.Cluster: "owned"}
	maps.Copy(tags, more)
	return tags
}

// sites are the subnets with this role tag, one a zone and by zone, or all subnets if none has it.
func (g *garden) sites(role string) (ids []string) {
	all := subnets.of(g.call, g.VPC)
	slices.SortStableFunc(all, func(a, b *row[subnet]) int { return cmp.Compare(a.Data.Zone.Name, b.Data.Zone.Name) })
	tagged := slices.DeleteFunc(slices.Clone(all), func(s *row[subnet]) bool { return s.Tags[role] == "" })
	if len(tagged) == 0 {
		tagged = all
	}
	zones := map[string]bool{}
	for _, s := range tagged {
		if !zones[s.Data.Zone.Name] {
			ids = append(ids, s.ID)
		}
		zones[s.Data.Zone.Name] = true
	}
	return ids
}

func (g *garden) public() []string  { return g.sites("kubernetes.io/role/elb") }
func (g *garden) private() []string { return g.sites("kubernetes.io/role/internal-elb") }

// nodes is the group of the nodes, or the default group if there is none.
func (g *garden) nodes() string {
	for _, r := range securityGroups.of(g.call, g.VPC) {
		if strings.HasSuffix(r.Data.GroupName, "-node") {
			return r.ID
		}
	}
	return defaultGroup(g.call, g.VPC).ID
}

// group makes a security group.
func (g *garden) group(name, description string, tags map[string]string) (string, error) {
	out, err := createSecurityGroup(g.call, &ec2.CreateSecurityGroupInput{
		GroupName: &name, Description: &description, VpcId: &g.VPC, TagSpecifications: tagSpecification(types.ResourceTypeSecurityGroup, tags),
	})
	if err != nil {
		return "", err
	}
	return *out.GroupId, nil
}

// admit lets traffic from a group in: a rule that keeps that group from being deleted.
func (g *garden) admit(to, from string, port int32) error {
	_, err := authorize(g.call, &to, false, []types.IpPermission{{
		IpProtocol: aws.String("tcp"), FromPort: aws.Int32(port), ToPort: aws.Int32(port),
		UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &from, Description: aws.String("elbv2.k8s.aws/targetGroupBinding=shared")}},
	}}, nil)
	return err
}

// tagSpecification is tags as a create takes them.
func tagSpecification(resource types.ResourceType, tags map[string]string) []types.TagSpecification {
	return []types.TagSpecification{{ResourceType: resource, Tags: ec2Tags(tags)}}
}
