"""Foundations: areas, units, staff, orders and everything that hangs on them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('area',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('level', sa.String(length=16), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('path', sa.String(length=255), nullable=False),
    sa.Column('full_name', sa.String(length=255), nullable=False),
    sa.Column('lat', sa.Float(), nullable=True),
    sa.Column('lng', sa.Float(), nullable=True),
    sa.Column('aliases', JSON, nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['area.id'], name=op.f('fk_area_parent_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_area')),
    sa.UniqueConstraint('code', name=op.f('uq_area_code'))
    )
    with op.batch_alter_table('area', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_area_parent_id'), ['parent_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_area_path'), ['path'], unique=False)

    op.create_table('audit_entry',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor_name', sa.String(length=64), nullable=False),
    sa.Column('actor_role', sa.String(length=32), nullable=False),
    sa.Column('action', sa.String(length=48), nullable=False),
    sa.Column('subject', sa.String(length=96), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('detail', JSON, nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry'))
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_entry_actor_id'), ['actor_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entry_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entry_subject'), ['subject'], unique=False)

    op.create_table('calendar_year',
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('holidays', JSON, nullable=False),
    sa.Column('make_up_workdays', JSON, nullable=False),
    sa.Column('loaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('year', name=op.f('pk_calendar_year'))
    )
    op.create_table('category',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=16), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('path', sa.String(length=128), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['category.id'], name=op.f('fk_category_parent_id_category')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_category')),
    sa.UniqueConstraint('code', name=op.f('uq_category_code')),
    sa.UniqueConstraint('path', name=op.f('uq_category_path'))
    )
    with op.batch_alter_table('category', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_category_parent_id'), ['parent_id'], unique=False)

    op.create_table('deadline_rule',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.String(length=32), nullable=False),
    sa.Column('effective_from', sa.Date(), nullable=False),
    sa.Column('clock', sa.String(length=24), nullable=False),
    sa.Column('request_types', JSON, nullable=False),
    sa.Column('category_code', sa.String(length=16), nullable=True),
    sa.Column('area_code', sa.String(length=32), nullable=True),
    sa.Column('urgent', sa.Boolean(), nullable=True),
    sa.Column('amount', sa.Float(), nullable=False),
    sa.Column('unit', sa.String(length=16), nullable=False),
    sa.Column('near_due_share', sa.Float(), nullable=False),
    sa.Column('near_due_hours', sa.Float(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deadline_rule'))
    )
    with op.batch_alter_table('deadline_rule', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_deadline_rule_clock'), ['clock'], unique=False)

    op.create_table('dispatch_catalogue',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.String(length=32), nullable=False),
    sa.Column('effective_from', sa.Date(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispatch_catalogue')),
    sa.UniqueConstraint('version', name=op.f('uq_dispatch_catalogue_version'))
    )
    op.create_table('hotspot',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('place', sa.String(length=255), nullable=False),
    sa.Column('category', sa.String(length=128), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('observed', sa.Integer(), nullable=False),
    sa.Column('expected', sa.Float(), nullable=False),
    sa.Column('ratio', sa.Float(), nullable=False),
    sa.Column('p_value', sa.Float(), nullable=False),
    sa.Column('q_value', sa.Float(), nullable=False),
    sa.Column('detail', JSON, nullable=False),
    sa.Column('first_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hotspot')),
    sa.UniqueConstraint('key', 'first_seen_at', name=op.f('uq_hotspot_key_first_seen_at'))
    )
    with op.batch_alter_table('hotspot', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_hotspot_key'), ['key'], unique=False)
        batch_op.create_index(batch_op.f('ix_hotspot_last_seen_at'), ['last_seen_at'], unique=False)

    op.create_table('idempotency_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('scope', sa.String(length=64), nullable=False),
    sa.Column('key', sa.String(length=128), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('subject', sa.String(length=96), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_idempotency_key')),
    sa.UniqueConstraint('scope', 'key', name=op.f('uq_idempotency_key_scope_key'))
    )
    with op.batch_alter_table('idempotency_key', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_idempotency_key_created_at'), ['created_at'], unique=False)

    op.create_table('import_batch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token', sa.String(length=43), nullable=False),
    sa.Column('file_name', sa.String(length=255), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('source', sa.String(length=32), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('accepted', sa.Integer(), nullable=False),
    sa.Column('already', sa.Integer(), nullable=False),
    sa.Column('refused', sa.Integer(), nullable=False),
    sa.Column('classified', sa.Integer(), nullable=False),
    sa.Column('problems', JSON, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_batch')),
    sa.UniqueConstraint('token', name=op.f('uq_import_batch_token'))
    )
    op.create_table('installation_fact',
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_installation_fact'))
    )
    op.create_table('job_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('job', sa.String(length=64), nullable=False),
    sa.Column('period', sa.String(length=32), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ran_by', sa.String(length=128), nullable=False),
    sa.Column('result', JSON, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_run')),
    sa.UniqueConstraint('job', 'period', name=op.f('uq_job_run_job_period'))
    )
    op.create_table('policy_value',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=48), nullable=False),
    sa.Column('effective_from', sa.Date(), nullable=False),
    sa.Column('value', sa.Float(), nullable=False),
    sa.Column('meaning', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_value')),
    sa.UniqueConstraint('name', 'effective_from', name=op.f('uq_policy_value_name_effective_from'))
    )
    op.create_table('weekly_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('week', sa.String(length=10), nullable=False),
    sa.Column('scope', sa.String(length=64), nullable=False),
    sa.Column('cut_off', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_by', sa.String(length=64), nullable=False),
    sa.Column('figures', JSON, nullable=False),
    sa.Column('html', sa.Text(), nullable=False),
    sa.Column('docx', sa.LargeBinary(), nullable=False),
    sa.Column('pdf', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_weekly_report')),
    sa.UniqueConstraint('week', name=op.f('uq_weekly_report_week'))
    )
    op.create_table('dispatch_rule',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('catalogue_id', sa.Integer(), nullable=False),
    sa.Column('category_code', sa.String(length=16), nullable=False),
    sa.Column('area_code', sa.String(length=32), nullable=True),
    sa.Column('lead_unit_code', sa.String(length=32), nullable=True),
    sa.Column('lead_level', sa.String(length=16), nullable=True),
    sa.Column('co_unit_codes', JSON, nullable=False),
    sa.Column('co_levels', JSON, nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['catalogue_id'], ['dispatch_catalogue.id'], name=op.f('fk_dispatch_rule_catalogue_id_dispatch_catalogue')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispatch_rule'))
    )
    with op.batch_alter_table('dispatch_rule', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_dispatch_rule_catalogue_id'), ['catalogue_id'], unique=False)

    op.create_table('estate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('area_id', sa.Integer(), nullable=False),
    sa.Column('aliases', JSON, nullable=False),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_estate_area_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_estate'))
    )
    with op.batch_alter_table('estate', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_estate_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_estate_name'), ['name'], unique=False)

    op.create_table('handling_unit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('level', sa.String(length=16), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('area_id', sa.Integer(), nullable=True),
    sa.Column('path', sa.String(length=255), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_handling_unit_area_id_area')),
    sa.ForeignKeyConstraint(['parent_id'], ['handling_unit.id'], name=op.f('fk_handling_unit_parent_id_handling_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handling_unit')),
    sa.UniqueConstraint('code', name=op.f('uq_handling_unit_code'))
    )
    with op.batch_alter_table('handling_unit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_handling_unit_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_handling_unit_parent_id'), ['parent_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_handling_unit_path'), ['path'], unique=False)

    op.create_table('staff',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('username', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('role', sa.String(length=32), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('password_hash', sa.String(length=255), nullable=False),
    sa.Column('must_change_password', sa.Boolean(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('session_epoch', sa.Integer(), nullable=False),
    sa.Column('last_login_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['handling_unit.id'], name=op.f('fk_staff_unit_id_handling_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('username', name=op.f('uq_staff_username'))
    )
    with op.batch_alter_table('staff', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_unit_id'), ['unit_id'], unique=False)

    op.create_table('work_order',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('request_type', sa.String(length=16), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('source', sa.String(length=32), nullable=True),
    sa.Column('external_number', sa.String(length=64), nullable=True),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('place_text', sa.String(length=255), nullable=False),
    sa.Column('area_id', sa.Integer(), nullable=True),
    sa.Column('lat', sa.Float(), nullable=True),
    sa.Column('lng', sa.Float(), nullable=True),
    sa.Column('category_code', sa.String(length=16), nullable=True),
    sa.Column('category_confirmed', sa.Boolean(), nullable=False),
    sa.Column('urgent', sa.Boolean(), nullable=False),
    sa.Column('confidential', sa.Boolean(), nullable=False),
    sa.Column('complainant_name', sa.Text(), nullable=True),
    sa.Column('complainant_phone', sa.Text(), nullable=True),
    sa.Column('complainant_address', sa.Text(), nullable=True),
    sa.Column('phone_index', sa.String(length=64), nullable=True),
    sa.Column('complainant_key', sa.String(length=64), nullable=True),
    sa.Column('lead_unit_id', sa.Integer(), nullable=True),
    sa.Column('about_unit_id', sa.Integer(), nullable=True),
    sa.Column('reported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('registered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('dispatched_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('completed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('review_on', sa.Date(), nullable=True),
    sa.Column('send_back_count', sa.Integer(), nullable=False),
    sa.Column('dispatch_count', sa.Integer(), nullable=False),
    sa.Column('rework_count', sa.Integer(), nullable=False),
    sa.Column('extension_count', sa.Integer(), nullable=False),
    sa.Column('missed_visit_count', sa.Integer(), nullable=False),
    sa.Column('extension_asked_days', sa.Integer(), nullable=True),
    sa.Column('escalated', sa.Boolean(), nullable=False),
    sa.Column('support_count', sa.Integer(), nullable=False),
    sa.Column('oppose_count', sa.Integer(), nullable=False),
    sa.Column('import_batch_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['about_unit_id'], ['handling_unit.id'], name=op.f('fk_work_order_about_unit_id_handling_unit')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_work_order_area_id_area')),
    sa.ForeignKeyConstraint(['import_batch_id'], ['import_batch.id'], name=op.f('fk_work_order_import_batch_id_import_batch')),
    sa.ForeignKeyConstraint(['lead_unit_id'], ['handling_unit.id'], name=op.f('fk_work_order_lead_unit_id_handling_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work_order')),
    sa.UniqueConstraint('number', name=op.f('uq_work_order_number')),
    sa.UniqueConstraint('source', 'external_number', name=op.f('uq_work_order_source_external_number'))
    )
    with op.batch_alter_table('work_order', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_work_order_about_unit_id'), ['about_unit_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_work_order_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_work_order_category_code'), ['category_code'], unique=False)
        batch_op.create_index(batch_op.f('ix_work_order_category_code_reported_at'), ['category_code', 'reported_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_work_order_complainant_key'), ['complainant_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_work_order_completed_at'), ['completed_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_work_order_import_batch_id'), ['import_batch_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_work_order_lead_unit_id_status'), ['lead_unit_id', 'status'], unique=False)
        batch_op.create_index(batch_op.f('ix_work_order_phone_index'), ['phone_index'], unique=False)
        batch_op.create_index(batch_op.f('ix_work_order_reported_at'), ['reported_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_work_order_status_reported_at'), ['status', 'reported_at'], unique=False)

    op.create_table('assisting_unit',
    sa.Column('order_id', BIG_ID, nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['work_order.id'], name=op.f('fk_assisting_unit_order_id_work_order')),
    sa.ForeignKeyConstraint(['unit_id'], ['handling_unit.id'], name=op.f('fk_assisting_unit_unit_id_handling_unit')),
    sa.PrimaryKeyConstraint('order_id', 'unit_id', name=op.f('pk_assisting_unit'))
    )
    with op.batch_alter_table('assisting_unit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_assisting_unit_unit_id'), ['unit_id'], unique=False)

    op.create_table('deadline',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('order_id', BIG_ID, nullable=False),
    sa.Column('clock', sa.String(length=24), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('near_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('met_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('waits_for', sa.Integer(), nullable=True),
    sa.Column('rule_id', sa.Integer(), nullable=False),
    sa.Column('near_due_warned', sa.Boolean(), nullable=False),
    sa.Column('overdue_warned', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['work_order.id'], name=op.f('fk_deadline_order_id_work_order')),
    sa.ForeignKeyConstraint(['rule_id'], ['deadline_rule.id'], name=op.f('fk_deadline_rule_id_deadline_rule')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deadline'))
    )
    with op.batch_alter_table('deadline', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_deadline_clock_due_at'), ['clock', 'due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_deadline_met_at_due_at'), ['met_at', 'due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_deadline_order_id'), ['order_id'], unique=False)

    op.create_table('hotspot_member',
    sa.Column('hotspot_id', sa.Integer(), nullable=False),
    sa.Column('order_id', BIG_ID, nullable=False),
    sa.ForeignKeyConstraint(['hotspot_id'], ['hotspot.id'], name=op.f('fk_hotspot_member_hotspot_id_hotspot')),
    sa.ForeignKeyConstraint(['order_id'], ['work_order.id'], name=op.f('fk_hotspot_member_order_id_work_order')),
    sa.PrimaryKeyConstraint('hotspot_id', 'order_id', name=op.f('pk_hotspot_member'))
    )
    with op.batch_alter_table('hotspot_member', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_hotspot_member_order_id'), ['order_id'], unique=False)

    op.create_table('order_event',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('order_id', BIG_ID, nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('action', sa.String(length=32), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor_name', sa.String(length=64), nullable=False),
    sa.Column('actor_role', sa.String(length=32), nullable=False),
    sa.Column('actor_unit_id', sa.Integer(), nullable=True),
    sa.Column('from_status', sa.String(length=16), nullable=True),
    sa.Column('to_status', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('data', JSON, nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['work_order.id'], name=op.f('fk_order_event_order_id_work_order')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_event')),
    sa.UniqueConstraint('order_id', 'seq', name=op.f('uq_order_event_order_id_seq'))
    )
    with op.batch_alter_table('order_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_order_event_at'), ['at'], unique=False)

    op.create_table('order_insight',
    sa.Column('order_id', BIG_ID, nullable=False),
    sa.Column('model', sa.String(length=64), nullable=False),
    sa.Column('categories', JSON, nullable=False),
    sa.Column('unit', JSON, nullable=True),
    sa.Column('place', JSON, nullable=True),
    sa.Column('duplicates', JSON, nullable=False),
    sa.Column('urgency', JSON, nullable=False),
    sa.Column('request_type', JSON, nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['work_order.id'], name=op.f('fk_order_insight_order_id_work_order')),
    sa.PrimaryKeyConstraint('order_id', name=op.f('pk_order_insight'))
    )
    op.create_table('order_photo',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token', sa.String(length=43), nullable=False),
    sa.Column('order_id', BIG_ID, nullable=True),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('media_type', sa.String(length=32), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['work_order.id'], name=op.f('fk_order_photo_order_id_work_order')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_photo')),
    sa.UniqueConstraint('token', name=op.f('uq_order_photo_token'))
    )
    with op.batch_alter_table('order_photo', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_order_photo_order_id'), ['order_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_order_photo_sha256'), ['sha256'], unique=False)
        batch_op.create_index(batch_op.f('ix_order_photo_uploaded_at'), ['uploaded_at'], unique=False)

    op.create_table('training_example',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('order_id', BIG_ID, nullable=False),
    sa.Column('suggested_code', sa.String(length=16), nullable=True),
    sa.Column('category_code', sa.String(length=16), nullable=False),
    sa.Column('model', sa.String(length=64), nullable=False),
    sa.Column('corrected', sa.Boolean(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['work_order.id'], name=op.f('fk_training_example_order_id_work_order')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_example')),
    sa.UniqueConstraint('order_id', name=op.f('uq_training_example_order_id'))
    )
    op.create_table('visit_back',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('order_id', BIG_ID, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=32), nullable=False),
    sa.Column('valid', sa.Boolean(), nullable=False),
    sa.Column('contacted', sa.Boolean(), nullable=True),
    sa.Column('solved', sa.Boolean(), nullable=True),
    sa.Column('satisfaction', sa.String(length=24), nullable=True),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['order_id'], ['work_order.id'], name=op.f('fk_visit_back_order_id_work_order')),
    sa.ForeignKeyConstraint(['unit_id'], ['handling_unit.id'], name=op.f('fk_visit_back_unit_id_handling_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_back'))
    )
    with op.batch_alter_table('visit_back', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visit_back_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_visit_back_order_id'), ['order_id'], unique=False)

    op.create_table('deadline_warning',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('deadline_id', BIG_ID, nullable=False),
    sa.Column('order_id', BIG_ID, nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['deadline_id'], ['deadline.id'], name=op.f('fk_deadline_warning_deadline_id_deadline'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['order_id'], ['work_order.id'], name=op.f('fk_deadline_warning_order_id_work_order')),
    sa.ForeignKeyConstraint(['unit_id'], ['handling_unit.id'], name=op.f('fk_deadline_warning_unit_id_handling_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deadline_warning')),
    sa.UniqueConstraint('deadline_id', 'kind', name=op.f('uq_deadline_warning_deadline_id_kind'))
    )
    with op.batch_alter_table('deadline_warning', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_deadline_warning_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_deadline_warning_order_id'), ['order_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_deadline_warning_unit_id'), ['unit_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('deadline_warning', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_deadline_warning_unit_id'))
        batch_op.drop_index(batch_op.f('ix_deadline_warning_order_id'))
        batch_op.drop_index(batch_op.f('ix_deadline_warning_at'))

    op.drop_table('deadline_warning')
    with op.batch_alter_table('visit_back', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_visit_back_order_id'))
        batch_op.drop_index(batch_op.f('ix_visit_back_at'))

    op.drop_table('visit_back')
    op.drop_table('training_example')
    with op.batch_alter_table('order_photo', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_order_photo_uploaded_at'))
        batch_op.drop_index(batch_op.f('ix_order_photo_sha256'))
        batch_op.drop_index(batch_op.f('ix_order_photo_order_id'))

    op.drop_table('order_photo')
    op.drop_table('order_insight')
    with op.batch_alter_table('order_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_order_event_at'))

    op.drop_table('order_event')
    with op.batch_alter_table('hotspot_member', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_hotspot_member_order_id'))

    op.drop_table('hotspot_member')
    with op.batch_alter_table('deadline', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_deadline_order_id'))
        batch_op.drop_index(batch_op.f('ix_deadline_met_at_due_at'))
        batch_op.drop_index(batch_op.f('ix_deadline_clock_due_at'))

    op.drop_table('deadline')
    with op.batch_alter_table('assisting_unit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_assisting_unit_unit_id'))

    op.drop_table('assisting_unit')
    with op.batch_alter_table('work_order', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_work_order_status_reported_at'))
        batch_op.drop_index(batch_op.f('ix_work_order_reported_at'))
        batch_op.drop_index(batch_op.f('ix_work_order_phone_index'))
        batch_op.drop_index(batch_op.f('ix_work_order_lead_unit_id_status'))
        batch_op.drop_index(batch_op.f('ix_work_order_import_batch_id'))
        batch_op.drop_index(batch_op.f('ix_work_order_completed_at'))
        batch_op.drop_index(batch_op.f('ix_work_order_complainant_key'))
        batch_op.drop_index(batch_op.f('ix_work_order_category_code_reported_at'))
        batch_op.drop_index(batch_op.f('ix_work_order_category_code'))
        batch_op.drop_index(batch_op.f('ix_work_order_area_id'))
        batch_op.drop_index(batch_op.f('ix_work_order_about_unit_id'))

    op.drop_table('work_order')
    with op.batch_alter_table('staff', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_unit_id'))

    op.drop_table('staff')
    with op.batch_alter_table('handling_unit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_handling_unit_path'))
        batch_op.drop_index(batch_op.f('ix_handling_unit_parent_id'))
        batch_op.drop_index(batch_op.f('ix_handling_unit_area_id'))

    op.drop_table('handling_unit')
    with op.batch_alter_table('estate', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_estate_name'))
        batch_op.drop_index(batch_op.f('ix_estate_area_id'))

    op.drop_table('estate')
    with op.batch_alter_table('dispatch_rule', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_dispatch_rule_catalogue_id'))

    op.drop_table('dispatch_rule')
    op.drop_table('weekly_report')
    op.drop_table('policy_value')
    op.drop_table('job_run')
    op.drop_table('installation_fact')
    op.drop_table('import_batch')
    with op.batch_alter_table('idempotency_key', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_idempotency_key_created_at'))

    op.drop_table('idempotency_key')
    with op.batch_alter_table('hotspot', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_hotspot_last_seen_at'))
        batch_op.drop_index(batch_op.f('ix_hotspot_key'))

    op.drop_table('hotspot')
    op.drop_table('dispatch_catalogue')
    with op.batch_alter_table('deadline_rule', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_deadline_rule_clock'))

    op.drop_table('deadline_rule')
    with op.batch_alter_table('category', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_category_parent_id'))

    op.drop_table('category')
    op.drop_table('calendar_year')
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_entry_subject'))
        batch_op.drop_index(batch_op.f('ix_audit_entry_at'))
        batch_op.drop_index(batch_op.f('ix_audit_entry_actor_id'))

    op.drop_table('audit_entry')
    with op.batch_alter_table('area', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_area_path'))
        batch_op.drop_index(batch_op.f('ix_area_parent_id'))

    op.drop_table('area')
