#include "compressing_transport.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>
#include <gatehouse/http/negotiation.hpp>

#include "compressible.hpp"

namespace gatehouse::detail::server {
namespace {

constexpr std::size_t max_kept_transports = 64;     // of a thread
constexpr std::size_t max_kept_output = 64 * 1024;  // of each

std::vector<std::unique_ptr<compressing_transport>>& kept_by_this_thread() {
  thread_local std::vector<std::unique_ptr<compressing_transport>> kept;
  return kept;
}

// Of what the client likes equally well we take what gets smaller. Without the field nothing (RFC 9110 section 12.5.3
// allows any coding then, but who says nothing may not know any).
content_coding chosen_coding(const fields& request, const compression_config& config) noexcept {
  const int brotli = config.brotli_level == 0 ? 0 : coding_quality(request, "br");
  const int gzip = config.gzip_level == 0 ? 0 : coding_quality(request, "gzip");
  const int identity = coding_quality(request, "identity");
  if (brotli != 0 && brotli >= gzip && brotli >= identity) return content_coding::brotli;
  return gzip != 0 && gzip >= identity ? content_coding::gzip : content_coding::identity;
}

bool has_credentials(const fields& request) noexcept {
  return request.has(field::cookie) || request.has(field::authorization) || request.has(field::proxy_authorization);
}

/// Whether a list ("a, b;c=d") has this element, or "*" where that means all.
bool lists(std::string_view list, std::string_view wanted) noexcept {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (ascii::equal_ignoring_case(ascii::trim(list.substr(0, comma)), wanted)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

bool field_lists(const response_head& head, field name, std::string_view wanted) noexcept {
  bool found = false;
  head.fields().for_each(name, [&](std::string_view line) { found = found || lists(line, wanted); });
  head.for_each_attached(
      [&](const field_block::pair& p) { found = found || (p.id == name && lists(p.value, wanted)); });
  return found;
}

// RFC 9110 section 8.8.3.1, RFC 9530: a digest that somebody computed is of the content as it was.
bool has_digest(const fields& response) noexcept {
  constexpr std::array<std::string_view, 4> digests{"Content-Digest", "Repr-Digest", "Digest", "Content-MD5"};
  return std::any_of(digests.begin(), digests.end(), [&](std::string_view name) { return response.get(name); });
}

/// Whether this representation could be sent compressed: then caches are told what it depends on.
bool is_negotiable(const response_head& head) noexcept {
  const gatehouse::fields& fields = head.fields();
  const auto type = fields.get(field::content_type);
  // A 304 speaks for the 200 that the client has (RFC 9110 section 15.4.5); of what type, it does not say.
  if (!type) return head.status() == status::not_modified;
  return is_compressible(*type) && !fields.has(field::content_encoding) && !fields.has(field::content_range) &&
         head.status() != status::partial_content && !field_lists(head, field::cache_control, "no-transform") &&
         !has_digest(fields);
}

void add_vary(response_head& head) noexcept {
  if (field_lists(head, field::vary, "Accept-Encoding") || field_lists(head, field::vary, "*")) return;
  (void)head.append(field::vary, "Accept-Encoding");
}

// RFC 9110 section 8.8.3: a strong tag says "these very bytes", and they are others now.
void weaken_etag(call& c, response_head& head) noexcept {
  const auto tag = head.fields().get(field::etag);
  if (!tag || tag->starts_with("W/")) return;
  constexpr std::size_t longest = 256;
  std::array<char, longest + 2> text{'W', '/'};
  const bool fits = tag->size() <= longest;
  if (fits) std::copy(tag->begin(), tag->end(), text.begin() + 2);
  if (fits && head.set_copy(c.context().memory, field::etag, {text.data(), tag->size() + 2})) return;
  head.remove(field::etag);
}

}  // namespace

void compressing_transport::begin(call& c, const compression_config& config) {
  auto& kept = kept_by_this_thread();
  std::unique_ptr<compressing_transport> made;
  if (kept.empty()) {
    made = std::make_unique<compressing_transport>();
  } else {
    made = std::move(kept.back());
    kept.pop_back();
  }
  const fields& request = c.head().fields;
  made->call_ = &c;
  made->config_ = &config;
  made->state_ = state::passing;
  made->unflushed_ = false;
  // Closed by default, against BREACH: what is answered to somebody who is known may hold secrets.
  const bool allowed = config.dangerously_compress_with_credentials || !has_credentials(request);
  made->coding_ = allowed ? chosen_coding(request, config) : content_coding::identity;
  made->below_ = &c.divert(*made);
  (void)made.release();  // end() takes it back: every call has one
}

bool compressing_transport::is_wanted(const response_head& head, const body_framing& framing) const noexcept {
  if (coding_ == content_coding::identity || head.has(field::set_cookie)) return false;
  if (framing.how == body_framing::kind::none || !head.has(field::content_type)) return false;
  return framing.how != body_framing::kind::length || framing.length >= std::max<std::uint64_t>(config_->min_size, 1);
}

void compressing_transport::send_head(const response_head& head, const body_framing& framing) noexcept {
  if (!is_negotiable(head)) return pass_head(framing);
  add_vary(call_->response());
  if (head.status() == status::not_modified && coding_ != content_coding::identity)
    weaken_etag(*call_, call_->response());
  if (!is_wanted(head, framing)) return pass_head(framing);
  if (framing.how != body_framing::kind::length || call_->head().verb == method::head) return begin_stream(framing);
  framing_ = framing;
  state_ = state::held;
}

void compressing_transport::pass_head(const body_framing& framing) noexcept {
  state_ = state::passing;
  below_->send_head(call_->response(), framing);
}

bool compressing_transport::make_encoder(std::optional<std::uint64_t> size) noexcept {
  const int level = coding_ == content_coding::brotli ? config_->brotli_level : config_->gzip_level;
  encoder_ = content_encoder::make(coding_, level, size);
  return encoder_ != nullptr;
}

/// False when the head is full: then it is sent as it is, and so is the content.
bool compressing_transport::mark_encoded() noexcept {
  response_head& head = call_->response();
  if (!head.set(field::content_encoding, coding_ == content_coding::brotli ? "br" : "gzip")) return false;
  weaken_etag(*call_, head);
  head.remove(field::accept_ranges);  // our ranges are of the content as it was
  return true;
}

void compressing_transport::begin_stream(const body_framing& framing) noexcept {
  // To HEAD as to GET, without its content; the length that it would have nobody knows.
  const bool without_content = call_->head().verb == method::head;
  std::optional<std::uint64_t> size;
  if (framing.how == body_framing::kind::length) size = framing.length;
  if ((!without_content && !make_encoder(size)) || !mark_encoded()) {
    encoder_.reset();
    return pass_head(framing);
  }
  pass_head({.how = body_framing::kind::chunked});
  if (!without_content) state_ = state::encoding;
}

bool compressing_transport::send_whole(std::string_view content) noexcept {
  out_.clear();
  const bool encoded = content.size() <= max_compressed_at_once && make_encoder(content.size()) &&
                       encoder_->encode(content, content_encoder::until::end, out_) && mark_encoded();
  encoder_.reset();
  if (!encoded) {
    pass_head(framing_);
    return below_->send_content(content);
  }
  pass_head({.how = body_framing::kind::length, .length = out_.size()});
  return below_->send_content(out_);
}

bool compressing_transport::send_content(std::string_view piece) noexcept {
  if (state_ == state::held) {
    if (piece.size() == framing_.length) return send_whole(piece);
    begin_stream(framing_);
  }
  if (state_ == state::passing) return below_->send_content(piece);
  return encode(piece, content_encoder::until::more);
}

// What zlib keeps for later is not lost when nothing comes out: true, more may be written.
bool compressing_transport::encode(std::string_view piece, content_encoder::until how) noexcept {
  if (state_ == state::broken) return true;
  out_.clear();
  unflushed_ = how == content_encoder::until::more;
  if (!encoder_->encode(piece, how, out_)) {
    state_ = state::broken;
    encoder_.reset();
    return true;
  }
  return out_.empty() || below_->send_content(out_);
}

bool compressing_transport::flush() noexcept {
  if (state_ == state::held) begin_stream(framing_);
  // What write() took may come out only here: the writer is told to wait here, then.
  const bool room = state_ != state::encoding || !unflushed_ || encode({}, content_encoder::until::flush);
  return below_->flush() && room;
}

void compressing_transport::end(bool aborted) noexcept {
  if (state_ == state::encoding && !aborted) (void)encode({}, content_encoder::until::end);
  // A head that is still held was of a response that never came.
  const bool cut = aborted || state_ == state::broken || state_ == state::held;
  call_transport* const below = below_;
  recycle();
  below->end(cut);
}

void compressing_transport::recycle() noexcept {
  std::unique_ptr<compressing_transport> self{this};
  encoder_.reset();
  if (out_.capacity() > max_kept_output) out_ = std::string{};
  auto& kept = kept_by_this_thread();
  if (kept.size() < max_kept_transports) kept.push_back(std::move(self));
}

}  // namespace gatehouse::detail::server
