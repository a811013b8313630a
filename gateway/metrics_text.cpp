#include "metrics_text.hpp"

#include <limits>
#include <vector>

#include <prometheus/text_serializer.h>

namespace gatehouse::program {
namespace {

prometheus::MetricType type_of(metric_family::kind k) noexcept {
  switch (k) {
    case metric_family::kind::counter: return prometheus::MetricType::Counter;
    case metric_family::kind::gauge: return prometheus::MetricType::Gauge;
    case metric_family::kind::histogram: return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

prometheus::ClientMetric metric_of(const metric_family::sample& s) {
  prometheus::ClientMetric out;
  out.label.reserve(s.labels.size());
  for (const metric_family::label& l : s.labels) out.label.push_back({l.name, l.value});
  out.counter.value = out.gauge.value = s.value;  // whichever it is
  out.histogram.sample_count = s.count;
  out.histogram.sample_sum = s.value;
  for (const metric_family::bucket& b : s.buckets) out.histogram.bucket.push_back({b.count, b.up_to});
  out.histogram.bucket.push_back({s.count, std::numeric_limits<double>::infinity()});
  return out;
}

}  // namespace

std::string metrics_text(std::span<const metric_family> families) {
  std::vector<prometheus::MetricFamily> all;
  all.reserve(families.size());
  for (const metric_family& f : families) {
    prometheus::MetricFamily& to = all.emplace_back();
    to.name = f.name;
    to.help = f.help;
    to.type = type_of(f.what);
    to.metric.reserve(f.samples.size());
    for (const metric_family::sample& s : f.samples) to.metric.push_back(metric_of(s));
  }
  return prometheus::TextSerializer{}.Serialize(all);
}

}  // namespace gatehouse::program
