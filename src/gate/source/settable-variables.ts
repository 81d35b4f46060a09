/**
 * Variables of the source that any user may set for the own session. All others need an administrator: to the source every client is the user of its URL,
 * who may set what MySQL keeps from ordinary users (sql_log_bin, server_id, default_storage_engine ...).
 */
const NAMES = `
  auto_increment_increment auto_increment_offset autocommit big_tables bulk_insert_buffer_size character_set_client character_set_connection
  character_set_results collation_connection completion_type column_compression_threshold cte_max_recursion_depth default_week_format
  div_precision_increment end_markers_in_json eq_range_index_dive_limit explicit_defaults_for_timestamp expensive_subquery_limit foreign_key_checks
  group_concat_max_len histogram_size histogram_type identity information_schema_stats_expiry innodb_lock_wait_timeout innodb_strict_mode
  innodb_table_locks insert_id interactive_timeout join_buffer_size join_buffer_space_limit join_cache_level last_insert_id lc_messages lc_time_names
  lock_wait_timeout low_priority_updates max_delayed_threads max_error_count max_execution_time max_heap_table_size max_join_size
  max_length_for_sort_data max_points_in_geometry max_recursive_iterations max_seeks_for_key max_sort_length max_statement_time min_examined_row_limit
  mrr_buffer_size myisam_sort_buffer_size net_buffer_length net_read_timeout net_retry_count net_write_timeout new note_verbosity
  optimizer_max_sel_arg_weight optimizer_prune_level optimizer_search_depth optimizer_selectivity_sampling_limit optimizer_switch
  optimizer_use_condition_selectivity preload_buffer_size profiling profiling_history_size progress_report_time query_alloc_block_size
  query_cache_type query_cache_wlock_invalidate query_prealloc_size rand_seed1 rand_seed2 range_alloc_block_size read_buffer_size
  read_rnd_buffer_size rowid_merge_buff_size session_track_gtids session_track_schema session_track_state_change session_track_system_variables
  session_track_transaction_info show_old_temporals sort_buffer_size sql_auto_is_null sql_big_selects sql_buffer_result sql_mode sql_notes
  sql_quote_show_create sql_safe_updates sql_select_limit sql_warnings standard_compliant_cte system_versioning_asof
  tcp_nodelay thread_pool_priority time_zone timestamp tmp_memory_table_size tmp_table_size transaction transaction_alloc_block_size
  transaction_isolation transaction_prealloc_size transaction_read_only tx_isolation tx_read_only unique_checks updatable_views_with_limit
  use_secondary_engine use_stat_tables wait_timeout windowing_use_high_precision
`;

const SETTABLE = new Set(NAMES.trim().split(/\s+/));

/** `name` in small letters. */
export function mayAnyoneSet(name: string): boolean {
  return SETTABLE.has(name);
}
