#include "health_checker.hpp"

#include <array>

#include "reach.hpp"

namespace gatehouse::detail::proxy {
namespace {

std::string request_for(const upstream& to, const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: " + to.authority +
         "\r\nUser-Agent: gatehouse-health\r\nAccept: */*\r\nConnection: close\r\n\r\n";
}

bool is_well(status s) noexcept {
  constexpr unsigned first_well = 200;
  constexpr unsigned first_bad = 400;
  return number(s) >= first_well && number(s) < first_bad;
}

}  // namespace

health_question::health_question(loop& l, const settings& s, const upstream& to)
    : loop_(l),
      settings_(s),
      to_(to),
      request_(request_for(to, s.options.active_health.path)),
      sessions_(to.tls == nullptr ? nullptr : tls_sessions::make()),
      parser_(s.options.limits) {
  ask();
}

void health_question::ask() noexcept {
  const milliseconds time = settings_.options.active_health.timeout;
  asking_ = true;
  have_ = 0;
  parser_.reset();
  loop_.timers().set(*this, loop_.now() + time);
  connecting_ = reach(loop_, to_, sessions_, time, *this);
}

void health_question::on_connect(connect_result r) noexcept {
  connecting_.reset();
  if (r.connection == nullptr) return conclude(false);
  stream_ = std::move(r.connection);
  stream_->owner(*this);
  stream_->receive();
  const std::array<const_bytes, 1> pieces{request_};
  // A new connection takes a few hundred bytes at once; one that does not is not well.
  if (stream_->send(pieces).sent != request_.size()) conclude(false);
}

std::span<char> health_question::receive_space() noexcept {
  if (!in_) in_ = pooled_block::take();
  return {in_.data() + have_, in_.size() - have_};
}

void health_question::on_received(std::size_t n) noexcept {
  have_ += n;
  judge();
}

void health_question::judge() noexcept {
  while (true) {
    const parse_progress p = parser_.parse({in_.data(), have_}, method::get, response_);
    if (p.what == parse_progress::kind::refused) return conclude(false);
    if (p.what == parse_progress::kind::need_more) {
      if (have_ == in_.size()) return conclude(false);
      return stream_->receive();
    }
    // Nobody asked for an interim response; who sends some may go on until the time is over.
    if (!is_informational(response_.status)) return conclude(!response_.upgraded && is_well(response_.status));
    have_ -= p.head_size;
    std::char_traits<char>::move(in_.data(), in_.data() + p.head_size, have_);
    parser_.reset();
  }
}

void health_question::conclude(bool well) noexcept {
  asking_ = false;
  stream_.reset();
  connecting_.reset();
  in_.release();
  loop_.timers().set(*this, loop_.now() + settings_.options.active_health.interval);
  if (to_.health->checked(well, settings_.options.active_health)) report_health(settings_, to_, well);
}

void health_question::expired() noexcept {
  if (asking_) return conclude(false);
  ask();
}

health_checker::health_checker(loop& l, const settings& s) {
  questions_.reserve(s.all.size());
  for (const upstream& u : s.all) questions_.push_back(std::make_unique<health_question>(l, s, u));
}

}  // namespace gatehouse::detail::proxy
