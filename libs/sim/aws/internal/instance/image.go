package instance

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/uuid"

	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// Image is a machine image. Every region has the same public images, with its own ids.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AMIs.html
type Image struct {
	Name         string
	Architecture types.ArchitectureValues
}

// Owner implements engine.Attributes.
func (i Image) Owner() string { return flatcarAccount }

// DisplayName implements engine.Named.
func (i Image) DisplayName() string { return i.Name }

// Summary implements engine.Attributes.
func (i Image) Summary(func(id string) string) string { return i.Name }

// flatcarAccount is the account that publishes Flatcar Container Linux.
// https://www.flatcar.org/docs/latest/installing/cloud/aws-ec2/
const flatcarAccount = "075585003325"

// flatcarReleases are some releases of the stable channel and their dates.
// https://www.flatcar.org/releases/
var flatcarReleases = []struct {
	version string
	day     time.Time
}{
	{"3602.2.3", time.Date(2024, 2, 13, 0, 0, 0, 0, time.UTC)},
	{"3975.2.2", time.Date(2024, 10, 8, 0, 0, 0, 0, time.UTC)},
	{"4081.2.1", time.Date(2024, 12, 18, 0, 0, 0, 0, time.UTC)},
	{"4152.2.3", time.Date(2025, 5, 8, 0, 0, 0, 0, time.UTC)},
	{"4230.2.2", time.Date(2025, 8, 19, 0, 0, 0, 0, time.UTC)},
	{"4230.2.3", time.Date(2025, 9, 16, 0, 0, 0, 0, time.UTC)},
	{"4230.2.4", time.Date(2025, 11, 4, 0, 0, 0, 0, time.UTC)},
}

const (
	imageLife  = 2 * 365 * 24 * time.Hour // public images are deprecated two years after their creation
	imageSize  = 9                        // GiB
	rootDevice = "/dev/xvda"
)

// imageList is the type of the resources of DescribeImages. They are a fixed catalog and never stored.
var imageList = engine.NewType[Image](engine.Type{Service: "EC2", Name: "Image", TagType: "image"})

var imageFilters = ec2api.Filters[Image]{
	"name":                ec2api.ByText(func(i Image) string { return i.Name }),
	"architecture":        ec2api.ByText(func(i Image) string { return string(i.Architecture) }),
	"image-id":            ec2api.ByID[Image],
	"owner-id":            func(*engine.Call, *engine.Resource[Image]) []string { return []string{flatcarAccount} },
	"state":               ec2api.ByState[Image],
	"virtualization-type": func(*engine.Call, *engine.Resource[Image]) []string { return []string{"hvm"} },
	"root-device-type":    func(*engine.Call, *engine.Resource[Image]) []string { return []string{"ebs"} },
	"root-device-name":    func(*engine.Call, *engine.Resource[Image]) []string { return []string{rootDevice} },
	"image-type":          func(*engine.Call, *engine.Resource[Image]) []string { return []string{"machine"} },
	"is-public":           func(*engine.Call, *engine.Resource[Image]) []string { return []string{"true"} },
	"hypervisor":          func(*engine.Call, *engine.Resource[Image]) []string { return []string{"xen"} },
}

func handleImage(s *engine.Service) {
	engine.Handle(s, "DescribeImages", engine.Fields{"Filters", "ImageIds", "Owners", "IncludeDeprecated", "MaxResults", "NextToken"}, describeImages)
}

// Images returns the catalog of a region.
func Images(region string) []*engine.Resource[Image] {
	var resources []*engine.Resource[Image]
	for _, release := range flatcarReleases {
		for _, architecture := range []types.ArchitectureValues{x86, arm} {
			id := uuid.NewSHA1(uuid.NameSpaceOID, []byte(region+release.version+string(architecture)))
			resources = append(resources, &engine.Resource[Image]{
				Metadata: engine.Metadata{ID: "ami-0" + strings.ReplaceAll(id.String(), "-", "")[:16], Seq: uint64(len(resources)) + 1, CreatedAt: release.day},
				Data:     Image{"Flatcar-stable-" + release.version + "-hvm", architecture},
			})
		}
	}
	return resources
}

// findImage finds an image by id, deprecated images included.
func findImage(c *engine.Call, id string) (*engine.Resource[Image], error) {
	if !engine.WellFormed("ami", id) {
		return nil, engine.Refuse("InvalidAMIID.Malformed", "Invalid id: %q", id)
	}
	for _, r := range Images(c.Region) {
		if r.ID == id {
			return r, nil
		}
	}
	return nil, engine.Refuse("InvalidAMIID.NotFound", "The image id '[%s]' does not exist", id)
}

// describeImages omits deprecated images, unless the caller asks for them by id or sets IncludeDeprecated.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html
func describeImages(c *engine.Call, in *ec2.DescribeImagesInput) (*ec2.DescribeImagesOutput, error) {
	resources := Images(c.Region)
	if len(in.ImageIds) > 0 {
		resources = nil
		for _, id := range in.ImageIds {
			r, err := findImage(c, id)
			if err != nil {
				return nil, err
			}
			resources = append(resources, r)
		}
	} else if !aws.ToBool(in.IncludeDeprecated) {
		resources = slices.DeleteFunc(resources, func(r *engine.Resource[Image]) bool { return c.Now().After(r.CreatedAt.Add(imageLife)) })
	}
	if len(in.Owners) > 0 && !slices.Contains(in.Owners, flatcarAccount) {
		resources = nil
	}
	shown, next, err := ec2api.Select(c, imageList, imageFilters, resources, ec2api.Query{Filters: in.Filters, Max: in.MaxResults, Next: in.NextToken}, showImage)
	return &ec2.DescribeImagesOutput{Images: shown, NextToken: next}, err
}

func showImage(_ *engine.Call, r *engine.Resource[Image]) types.Image {
	return types.Image{
		ImageId: aws.String(r.ID), Name: aws.String(r.Data.Name), OwnerId: aws.String(flatcarAccount), Architecture: r.Data.Architecture,
		ImageLocation: aws.String(flatcarAccount + "/" + r.Data.Name), ImageType: types.ImageTypeValuesMachine, Public: aws.Bool(true),
		CreationDate:    aws.String(r.CreatedAt.Format("2006-01-02T15:04:05.000Z")),
		DeprecationTime: aws.String(r.CreatedAt.Add(imageLife).Format("2006-01-02T15:04:05.000Z")),
		State:           types.ImageStateAvailable, Hypervisor: types.HypervisorTypeXen, VirtualizationType: types.VirtualizationTypeHvm,
		EnaSupport: aws.Bool(true), PlatformDetails: aws.String("Linux/UNIX"),
		RootDeviceName: aws.String(rootDevice), RootDeviceType: types.DeviceTypeEbs,
		BlockDeviceMappings: []types.BlockDeviceMapping{{DeviceName: aws.String(rootDevice), Ebs: &types.EbsBlockDevice{
			DeleteOnTermination: aws.Bool(true), Encrypted: aws.Bool(false), VolumeSize: aws.Int32(imageSize), VolumeType: types.VolumeTypeGp2,
		}}},
	}
}
