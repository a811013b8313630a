#pragma once
// What must stand around a leak detector's literal. Each looks at `detector_reach` bytes either way at most, and none
// goes over them more than a few times.

#include <string_view>

namespace gatehouse::detail::rules::leak_context {

// Behind the literal.
[[nodiscard]] bool number_after(std::string_view before, std::string_view after) noexcept;            // 42
[[nodiscard]] bool line_and_column_after(std::string_view before, std::string_view after) noexcept;   // 42:7
[[nodiscard]] bool number_and_colon_after(std::string_view before, std::string_view after) noexcept;  // 42:
[[nodiscard]] bool line_of_ruby_after(std::string_view before, std::string_view after) noexcept;      // 42:in
[[nodiscard]] bool goroutine_after(std::string_view before, std::string_view after) noexcept;         // 1 [
[[nodiscard]] bool five_digits_after(std::string_view before, std::string_view after) noexcept;       // 00942
[[nodiscard]] bool capital_after(std::string_view before, std::string_view after) noexcept;
[[nodiscard]] bool quote_after(std::string_view before, std::string_view after) noexcept;   // ' " ` and escaped ones
[[nodiscard]] bool call_after(std::string_view before, std::string_view after) noexcept;    // com.acme.Shop.pay(
[[nodiscard]] bool filled_after(std::string_view before, std::string_view after) noexcept;  // : "something" or : [ ...
[[nodiscard]] bool assigned_after(std::string_view before, std::string_view after) noexcept;  // = : ' "
// The rest of a database's sentence.
[[nodiscard]] bool missing_name_after(std::string_view before, std::string_view after) noexcept;
[[nodiscard]] bool missing_table_after(std::string_view before, std::string_view after) noexcept;
[[nodiscard]] bool key_after(std::string_view before, std::string_view after) noexcept;
[[nodiscard]] bool clause_after(std::string_view before, std::string_view after) noexcept;
[[nodiscard]] bool jdbc_after(std::string_view before, std::string_view after) noexcept;
[[nodiscard]] bool application_after(std::string_view before, std::string_view after) noexcept;
// In front of it.
[[nodiscard]] bool number_before(std::string_view before, std::string_view after) noexcept;
[[nodiscard]] bool no_word_before(std::string_view before, std::string_view after) noexcept;
[[nodiscard]] bool near_before(std::string_view before, std::string_view after) noexcept;
[[nodiscard]] bool exception_class_before(std::string_view before, std::string_view after) noexcept;
[[nodiscard]] bool error_class_before(std::string_view before, std::string_view after) noexcept;
// Paths: never those of a URL or of an attribute of HTML.
[[nodiscard]] bool path_after(std::string_view before, std::string_view after) noexcept;    // anything below it
[[nodiscard]] bool file_after(std::string_view before, std::string_view after) noexcept;    // a file that nobody serves
[[nodiscard]] bool drive_around(std::string_view before, std::string_view after) noexcept;  // "C:\Users\x"
// Addresses, all with a port: alone they are as often a client's own, or a version.
[[nodiscard]] bool three_octets_and_port(std::string_view before, std::string_view after) noexcept;
[[nodiscard]] bool two_octets_and_port(std::string_view before, std::string_view after) noexcept;
[[nodiscard]] bool private_172_and_port(std::string_view before, std::string_view after) noexcept;
[[nodiscard]] bool rest_of_ipv6_and_port(std::string_view before, std::string_view after) noexcept;
// Secrets.
[[nodiscard]] bool password_after(std::string_view before, std::string_view after) noexcept;  // user:password@
[[nodiscard]] bool connection_string_around(std::string_view before, std::string_view after) noexcept;
[[nodiscard]] bool access_key_after(std::string_view before, std::string_view after) noexcept;

}  // namespace gatehouse::detail::rules::leak_context
